import { Agent } from 'node:http'
import { fileStream } from './big-file.ts'
import { AUTHORIZATION, type Gateway } from './gateway.ts'
import { open, read } from './http-client.ts'

/** Many requests over few connections. */
export const keptAlive = (connections: number) => new Agent({ keepAlive: true, maxSockets: connections })

interface Ticket {
  readonly id: string
  readonly putUrl: string
}

async function graphql<T>({ server }: Gateway, query: string, agent?: Agent): Promise<T> {
  const answer = await read({
    url: `${server.origin}/graphql`,
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ query })),
    agent,
  })
  const { data, errors } = JSON.parse(answer.toString())
  if (errors) throw new Error(answer.toString())
  return data
}

export async function createTicket(gateway: Gateway, agent?: Agent): Promise<Ticket> {
  const query =
    'mutation { createUpload(input: { fileName: "big.bin" }) { ticket { id putUrl } userErrors { code } } }'
  const { createUpload } = await graphql<{ createUpload: { ticket: Ticket } }>(gateway, query, agent)
  return createUpload.ticket
}

/** Rejects unless the media has these bytes. */
export async function completeTicket(
  gateway: Gateway,
  id: string,
  { sha256, agent }: { sha256: string; agent?: Agent },
): Promise<void> {
  const query = `mutation { completeUpload(input: { id: "${id}" }) { media { sha256 } userErrors { code } } }`
  const { completeUpload } = await graphql<{ completeUpload: { media: { sha256: string } } }>(
    gateway,
    query,
    agent,
  )
  if (completeUpload.media?.sha256 !== sha256) throw new Error(`the upload ${id} came to something else`)
}

export interface Sent {
  readonly bytes: number
  readonly sha256: string
  readonly agent?: Agent
}

/** Puts a file to a ticket. Rejects unless the gateway has hashed the same bytes. */
export async function putFile(url: string, { bytes, sha256, agent }: Sent): Promise<void> {
  const headers = { 'content-length': String(bytes) }
  const answer = await read({ url, method: 'PUT', headers, body: fileStream(bytes), agent })
  if (JSON.parse(answer.toString()).sha256 !== sha256)
    throw new Error(`the upload failed: ${answer.toString()}`)
}

const TUS = { 'tus-resumable': '1.0.0', authorization: AUTHORIZATION }

/** Creates a tus upload for a file; gives its URL. */
export async function createTusUpload({ server }: Gateway, bytes: number): Promise<string> {
  const answer = await open({
    url: `${server.origin}/uploads`,
    method: 'POST',
    headers: { ...TUS, 'upload-length': String(bytes), 'upload-metadata': 'filename YmlnLmJpbg==' },
  })
  answer.resume()
  return String(answer.headers.location)
}

/** Sends all of a file by one PATCH, which makes it a media. Rejects unless it does. */
export async function patchFile(url: string, bytes: number): Promise<void> {
  const headers = {
    ...TUS,
    'content-type': 'application/offset+octet-stream',
    'content-length': String(bytes),
    'upload-offset': '0',
  }
  const answer = await open({ url, method: 'PATCH', headers, body: fileStream(bytes) })
  answer.resume()
  if (answer.headers['media-id'] === undefined) throw new Error('the upload made no media')
}
