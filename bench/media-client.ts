import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileAsMultipart, fileStream, sha256Of } from './big-file.ts'
import { ACCOUNT, AUTHORIZATION, type Gateway } from './gateway.ts'
import { type Call, open, read } from './http-client.ts'

interface UploadAnswer {
  readonly data?: {
    readonly uploadMedia: { readonly media: { readonly id: string; readonly sha256: string } | null }
  }
}

/** Uploads a file by GraphQL multipart; gives its id. Rejects unless the gateway has hashed the same bytes. */
export async function uploadMultipart({ server }: Gateway, bytes: number, sha256: string): Promise<string> {
  const { headers, body } = fileAsMultipart(bytes)
  const url = `${server.origin}/graphql`
  const answer = await read({
    url,
    method: 'POST',
    headers: { ...headers, authorization: AUTHORIZATION },
    body,
  })
  const media = (JSON.parse(answer.toString()) as UploadAnswer).data?.uploadMedia.media
  if (media?.sha256 !== sha256) throw new Error(`the upload failed: ${answer.toString()}`)
  return media.id
}

/** Uploads one image that is held in memory, by the tus protocol's creation with the whole upload. */
export async function uploadImage({ server }: Gateway, bytes: Buffer): Promise<void> {
  const headers = {
    authorization: AUTHORIZATION,
    'tus-resumable': '1.0.0',
    'upload-length': String(bytes.length),
    'upload-metadata': `filename ${Buffer.from('photo.jpg').toString('base64')}`,
    'content-type': 'application/offset+octet-stream',
    'content-length': String(bytes.length),
  }
  await read({ url: `${server.origin}/uploads`, method: 'POST', headers, body: bytes })
}

/** Uploads a file as a bare body. Rejects unless the server has hashed the same bytes. */
export async function uploadRaw(origin: string, bytes: number, sha256: string): Promise<void> {
  const headers = { 'content-length': String(bytes) }
  const answer = await read({ url: origin, method: 'PUT', headers, body: fileStream(bytes) })
  if (JSON.parse(answer.toString()).sha256 !== sha256)
    throw new Error(`the upload failed: ${answer.toString()}`)
}

export const contentOf = ({ server }: Pick<Gateway, 'server'>, id: string): Call => ({
  url: `${server.origin}/media/${id}/content`,
  headers: { authorization: AUTHORIZATION },
})

/** Reads a body and lets go of it; rejects unless it has this many bytes. */
export async function download(call: Call, bytes: number): Promise<void> {
  let received = 0
  for await (const chunk of await open(call)) received += (chunk as Buffer).length
  if (received !== bytes) throw new Error(`${call.url} gave ${received} bytes of ${bytes}`)
}

/** Takes what was uploaded out of the database and off the disk, so that the next round finds the same room. */
export async function removeUploads({ query, dataDir }: Gateway): Promise<void> {
  const blobs = await query<{ key: string }>('SELECT key FROM blob WHERE account_id = $1', [ACCOUNT])
  await query('DELETE FROM media WHERE account_id = $1', [ACCOUNT])
  await query('DELETE FROM upload_ticket')
  await query('DELETE FROM tus_upload')
  await query('DELETE FROM blob WHERE account_id = $1', [ACCOUNT])
  await query('UPDATE account SET used_bytes = 0 WHERE id = $1', [ACCOUNT])
  for (const { key } of blobs) await rm(join(dataDir, 'files', key), { force: true })
}

const SMALL_BYTES = 2 ** 20
const WARM_UP_ROUNDS = 20

/** Uses every path once and more, with small files: what is loaded and compiled on the way belongs to an idle gateway. */
export async function warmUp(gateway: Gateway): Promise<void> {
  const sha256 = sha256Of(SMALL_BYTES)
  for (let i = 0; i < WARM_UP_ROUNDS; i++) {
    const id = await uploadMultipart(gateway, SMALL_BYTES, sha256)
    await download(contentOf(gateway, id), SMALL_BYTES)
  }
  await removeUploads(gateway)
}
