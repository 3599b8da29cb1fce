import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type PreviousUpload, Upload, type UploadOptions, type UrlStorage } from 'tus-js-client'
import { bytesOf, makeSpecimen, type Specimen } from '../faults/specimen.ts'
import { ADMIN } from '../support/app.ts'
import { graphqlClient } from '../support/gql.ts'

export const MB = 1024 * 1024

/** A file on the disk whose bytes follow from its seed; removed when it is disposed of. */
export class SpecimenFile implements AsyncDisposable {
  private constructor(
    readonly specimen: Specimen,
    readonly path: string,
    private readonly folder: string,
  ) {}

  static async write(seed: number, size: number): Promise<SpecimenFile> {
    const folder = await mkdtemp(join(tmpdir(), 'media-gateway-specimen-'))
    const specimen = makeSpecimen(seed, size)
    const path = join(folder, specimen.name)
    await pipeline(Readable.from(bytesOf(specimen), { objectMode: false }), createWriteStream(path))
    return new SpecimenFile(specimen, path, folder)
  }

  /** As tus-js-client takes a file in Node; its types know browsers alone. */
  open(): Upload['file'] {
    return createReadStream(this.path) as unknown as Upload['file']
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Where uploads go, and how what came of them is found. */
export interface Door {
  readonly endpoint: string
  readonly headers: Record<string, string>
  /** SHA-256 of the media, as GraphQL tells it. */
  sha256(mediaId: string | undefined): Promise<string>
}

const clientOf = (origin: string) => graphqlClient(origin, ADMIN)

/** The door of who has a credential. */
export const credentialDoor = async (origin: string): Promise<Door> => ({
  endpoint: `${origin}/uploads`,
  headers: { authorization: ADMIN },
  sha256: id => shaOf(origin, id),
})

/** The door of who has a ticket, and nothing else. */
export async function ticketDoor(origin: string): Promise<Door> {
  const { createUpload } = await clientOf(origin).query(
    'mutation { createUpload(input: {}) { ticket { id tusEndpoint } } }',
  )
  const { id, tusEndpoint } = createUpload.ticket
  return {
    endpoint: tusEndpoint,
    headers: {},
    async sha256() {
      const { completeUpload } = await clientOf(origin).query(
        'mutation($id: ID!) { completeUpload(input: { id: $id }) { media { id } userErrors { code } } }',
        { id },
      )
      return shaOf(origin, completeUpload.media?.id)
    },
  }
}

/** SHA-256 as GraphQL tells it; rejects when the content that is delivered has another. */
async function shaOf(origin: string, id: string | undefined): Promise<string> {
  const { media } = await clientOf(origin).query('query($id: ID!) { media(id: $id) { sha256 } }', { id })
  const answer = await fetch(`${origin}/media/${id}/content`, { headers: { authorization: ADMIN } })
  const hash = createHash('sha256')
  await pipeline(Readable.fromWeb(answer.body as never), hash)
  const delivered = hash.digest('hex')
  if (delivered !== media.sha256) throw new Error(`delivered ${delivered}, told ${media.sha256}`)
  return delivered
}

/** What tus-js-client keeps of uploads between its runs. `known` resolves once it keeps one: of parallel parts, when all have their URLs. */
export function urlStorage(): UrlStorage & { readonly known: Promise<void> } {
  const { promise: known, resolve } = Promise.withResolvers<void>()
  const kept = new Map<string, PreviousUpload & { fingerprint: string }>()
  return {
    known,
    findAllUploads: async () => [...kept.values()],
    findUploadsByFingerprint: async fingerprint =>
      [...kept.values()].filter(upload => upload.fingerprint === fingerprint),
    removeUpload: async key => void kept.delete(key),
    async addUpload(fingerprint, upload) {
      const urlStorageKey = `tus::${fingerprint}::${kept.size}`
      kept.set(urlStorageKey, { ...upload, urlStorageKey, fingerprint })
      resolve()
      return urlStorageKey
    },
  }
}

export interface Transfer {
  readonly upload: Upload
  /** Media-Id of the last answer; undefined for a ticket. */
  readonly done: Promise<string | undefined>
  /** Resolves when so many bytes were sent. */
  sent(bytes: number): Promise<void>
}

/** An upload by tus-js-client, ready to start. */
export function transfer(file: Upload['file'], door: Door, options: UploadOptions = {}): Transfer {
  const { promise: done, resolve, reject } = Promise.withResolvers<string | undefined>()
  done.catch(() => undefined)
  let progress = 0
  const waiting = new Set<() => void>()
  const upload = new Upload(file, {
    endpoint: door.endpoint,
    headers: door.headers,
    metadata: { filename: 'specimen.bin' },
    // A gateway that is killed is away for some seconds.
    retryDelays: Array.from({ length: 120 }, () => 250),
    onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('media-id')),
    onError: reject,
    onProgress(bytes) {
      progress = bytes
      for (const check of waiting) check()
    },
    ...options,
  })
  return {
    upload,
    done,
    sent: bytes =>
      new Promise((arrived, failed) => {
        const check = () => {
          if (progress < bytes) return
          waiting.delete(check)
          arrived()
        }
        waiting.add(check)
        done.catch(failed)
        check()
      }),
  }
}
