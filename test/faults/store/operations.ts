import { createHash, randomBytes } from 'node:crypto'
import { ADMIN, type TestApp } from '../../support/app.ts'
import { multipart } from '../../support/gql.ts'
import { REPLACE } from '../../support/replace.ts'
import { checksum, metadata, TusByHand } from '../../support/tus.ts'

/** A refusal as it was told at a door. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly retryAfter: string | null,
  ) {
    super(`${status} ${code}`)
  }
}

/** A media with the bytes that it must have. */
export interface Made {
  readonly mediaId: string
  readonly sha256: string
}

/**
 * Something that is done with the store, in steps of which each may be refused. `attempt` goes on where the one before stopped, as a client
 * does that tries again, and gives what it was told is durable; null for a deletion.
 */
export interface Attempts {
  /** Files that may be there, whole, though nobody has said so: by their names. */
  readonly mayBe: ReadonlyMap<string, string>
  /** A media that was there before, and its content before. */
  readonly before?: Made
  attempt(): Promise<Made | null>
}

export interface Operation {
  readonly name: string
  begin(gateway: TestApp): Promise<Attempts>
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let files = 0
/** Small and large enough to be read in several chunks. */
const newFile = () => ({ name: `file-${++files}.bin`, bytes: randomBytes(150_000) })

async function graphql(gateway: TestApp, body: FormData | string) {
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: ADMIN,
      'apollo-require-preflight': 'true',
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
    },
    body,
  })
  const { data, errors } = (await answer.json()) as {
    // biome-ignore lint/suspicious/noExplicitAny: what is selected differs.
    data: any
    errors?: { extensions: { code: string } }[]
  }
  const [payload] = Object.values(data ?? {}) as { userErrors?: { code: string }[] }[]
  const code = errors?.[0]?.extensions.code ?? payload?.userErrors?.[0]?.code
  if (code) throw new Refused(answer.status, code, answer.headers.get('retry-after'))
  return data
}

const mutate = (gateway: TestApp, query: string, variables: object) =>
  graphql(gateway, JSON.stringify({ query, variables }))

async function uploaded(
  gateway: TestApp,
  { name, bytes }: ReturnType<typeof newFile>,
  key?: string,
): Promise<Made> {
  const { uploadMedia } = await graphql(
    gateway,
    multipart(
      'mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { media { id } userErrors { code } } }',
      { input: { file: null, idempotencyKey: key } },
      { 'variables.input.file': { bytes, fileName: name } },
    ),
  )
  return { mediaId: uploadMedia.media.id, sha256: sha256(bytes) }
}

const multipartUpload: Operation = {
  name: 'an upload by GraphQL',
  async begin(gateway) {
    const file = newFile()
    return {
      mayBe: new Map([[file.name, sha256(file.bytes)]]),
      attempt: () => uploaded(gateway, file, `upload of ${file.name}`),
    }
  },
}

const putUpload: Operation = {
  name: 'PUT for a ticket, and its completion',
  async begin(gateway) {
    const { name, bytes } = newFile()
    const { createUpload } = await mutate(
      gateway,
      'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ticket { id putUrl } userErrors { code } } }',
      { input: { fileName: name } },
    )
    const { id, putUrl } = createUpload.ticket
    return {
      mayBe: new Map([[name, sha256(bytes)]]),
      async attempt() {
        const answer = await fetch(putUrl, { method: 'PUT', body: bytes })
        const body = (await answer.json()) as { sha256: string; error?: { code: string } }
        if (body.error) throw new Refused(answer.status, body.error.code, answer.headers.get('retry-after'))
        const { completeUpload } = await mutate(
          gateway,
          'mutation ($id: ID!) { completeUpload(input: { id: $id }) { media { id } userErrors { code } } }',
          { id },
        )
        return { mediaId: completeUpload.media.id, sha256: body.sha256 }
      },
    }
  },
}

/** A client of tus that goes on where it was, and begins anew when its upload is gone. */
class TusUpload {
  mediaId: string | undefined
  #url: string | null = null
  readonly #tus: TusByHand
  readonly #bytes: Buffer
  readonly #headers: Record<string, string>
  readonly #isChecked: boolean

  constructor(
    gateway: TestApp,
    bytes: Buffer,
    options: { headers: Record<string, string>; isChecked?: boolean },
  ) {
    this.#tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
    this.#bytes = bytes
    this.#headers = options.headers
    this.#isChecked = options.isChecked ?? false
  }

  get url(): string {
    return this.#url ?? ''
  }

  async send(): Promise<void> {
    if (this.#url && (await this.#tus.head(this.#url)).status === 410) this.#url = null
    if (!this.#url) {
      const length = { 'upload-length': String(this.#bytes.length) }
      const { status, code, headers } = await this.#tus.send('POST', this.#tus.endpoint, {
        headers: { ...length, ...this.#headers },
      })
      if (status !== 201) throw new Refused(status, code ?? '', headers['retry-after'] ?? null)
      this.#url = headers.location ?? ''
    }
    const at = await this.#tus.head(this.#url)
    // An answer to HEAD has no body to tell the code in.
    const unsaid = at.status === 503 ? 'STORAGE_UNAVAILABLE' : ''
    if (at.status >= 400) throw new Refused(at.status, unsaid, at.headers['retry-after'] ?? null)
    this.mediaId = at.headers['media-id']
    for (let offset = Number(at.headers['upload-offset']); offset < this.#bytes.length; )
      offset = await this.#patch(offset)
  }

  async #patch(offset: number): Promise<number> {
    const body = this.#bytes.subarray(offset, offset + Math.ceil(this.#bytes.length / 2))
    const { status, code, headers } = await this.#tus.patch(this.url, offset, {
      body,
      headers: this.#isChecked ? { 'upload-checksum': checksum('sha1', body) } : {},
    })
    if (status !== 204) throw new Refused(status, code ?? '', headers['retry-after'] ?? null)
    this.mediaId = headers['media-id']
    return Number(headers['upload-offset'])
  }
}

const tusUpload = (isChecked: boolean): Operation => ({
  name: `tus, creation and two PATCH${isChecked ? ' with checksums' : ''}`,
  async begin(gateway) {
    const { name, bytes } = newFile()
    const headers = { 'upload-metadata': metadata({ filename: name, idempotencyKey: `tus ${name}` }) }
    const upload = new TusUpload(gateway, bytes, { headers, isChecked })
    return {
      mayBe: new Map([[name, sha256(bytes)]]),
      async attempt() {
        await upload.send()
        return { mediaId: upload.mediaId ?? 'none', sha256: sha256(bytes) }
      },
    }
  },
})

const tusParts = (bytesOfPart: number): Operation => ({
  name: `tus, two parts of ${bytesOfPart} bytes and their concatenation`,
  async begin(gateway) {
    const { name } = newFile()
    const halves = [randomBytes(bytesOfPart), randomBytes(bytesOfPart)]
    const whole = Buffer.concat(halves)
    const tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
    const parts = halves.map(
      half => new TusUpload(gateway, half, { headers: { 'upload-concat': 'partial' } }),
    )
    return {
      mayBe: new Map([[name, sha256(whole)]]),
      async attempt() {
        for (const part of parts) await part.send()
        const { status, code, headers } = await tus.send('POST', tus.endpoint, {
          headers: {
            'upload-concat': `final;${parts.map(({ url }) => url).join(' ')}`,
            'upload-metadata': metadata({ filename: name, idempotencyKey: `tus ${name}` }),
          },
        })
        if (status !== 201) throw new Refused(status, code ?? '', headers['retry-after'] ?? null)
        return { mediaId: headers['media-id'] ?? 'none', sha256: sha256(whole) }
      },
    }
  },
})

const replacement: Operation = {
  name: 'a replacement',
  async begin(gateway) {
    const before = await uploaded(gateway, newFile())
    const { name, bytes } = newFile()
    return {
      before,
      mayBe: new Map(),
      async attempt() {
        await graphql(
          gateway,
          multipart(
            REPLACE,
            { input: { id: before.mediaId, file: null, idempotencyKey: `replacement by ${name}` } },
            { 'variables.input.file': { bytes, fileName: name } },
          ),
        )
        return { mediaId: before.mediaId, sha256: sha256(bytes) }
      },
    }
  },
}

const deletion: Operation = {
  name: 'a deletion, the trash and the reaper',
  async begin(gateway) {
    const before = await uploaded(gateway, newFile())
    return {
      before,
      mayBe: new Map(),
      async attempt() {
        await mutate(
          gateway,
          'mutation ($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId userErrors { code } } }',
          { id: before.mediaId },
        ).catch(error => {
          // Done by the attempt before.
          if (!(error instanceof Refused) || error.code !== 'NOT_FOUND') throw error
        })
        await gateway.app.trash.empty()
        const { failed } = await gateway.app.reaper.run()
        if (failed > 0) throw new Refused(503, 'STORAGE_UNAVAILABLE', '5')
        return null
      },
    }
  },
}

/** The part of S3's multipart uploads that is least, so that a store that can joins them itself. */
const JOINABLE = 5 * 1024 * 1024

export const OPERATIONS = {
  small: [
    multipartUpload,
    putUpload,
    tusUpload(false),
    tusUpload(true),
    tusParts(80_000),
    replacement,
    deletion,
  ],
  joined: [tusParts(JOINABLE)],
} satisfies Record<string, readonly Operation[]>
