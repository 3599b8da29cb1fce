import { asked, type Came, type Door, type Refusal, type Sent, type Site, tellsBy } from './door.ts'
import { exchange, extended, multipartBody, type Reply } from './wire.ts'

const USER_ERRORS = 'userErrors { code field }'
/** What a page of another site cannot send. */
export const preflight = { 'apollo-require-preflight': 'true' }

interface UserError {
  readonly code: string
  readonly field: readonly string[] | null
}

interface Payload {
  readonly userErrors: readonly UserError[]
  readonly results?: readonly { readonly userErrors: readonly UserError[] }[]
}

/** The answer to one mutation: its payload, or what it was refused with. */
export type Answered<T> =
  | { readonly payload: T; readonly refusal?: undefined }
  | { readonly refusal: Refusal }

/** Reads an answer; `at` is what stands in front of every field at fault. */
export function readAnswer<T extends Payload>(
  { status, text }: Reply,
  field: string,
  at = 'input',
): Answered<T> {
  const { data, errors } = JSON.parse(text)
  const told = (where: string, { code, field: path }: UserError): Answered<T> => ({
    refusal: {
      protocol: at === 'input' ? 'graphql' : 'batch',
      code,
      field: below(at, path),
      told: `${where} ${status}`,
    },
  })
  if (errors) return told('errors', { code: errors[0].extensions.code, field: null })
  const payload: T = data[field]
  const [error] = [...payload.userErrors, ...(payload.results?.[0]?.userErrors ?? [])]
  return error ? told('payload', error) : { payload }
}

export function below(prefix: string, path: readonly string[] | null | undefined): string | null {
  const whole = path?.join('.') ?? null
  return whole?.startsWith(`${prefix}.`) ? whole.slice(prefix.length + 1) : whole
}

/** One mutation without a file. */
export async function mutate<T extends Payload>(
  site: Site,
  field: string,
  { input, selection }: { input: object; selection: string },
): Promise<Answered<T>> {
  const query = `mutation M($input: ${inputOf(field)}!) { ${field}(input: $input) { ${selection} ${USER_ERRORS} } }`
  const reply = await exchange({
    method: 'POST',
    url: `${site.gateway.url}/graphql`,
    headers: { ...asked(site), ...preflight, 'content-type': 'application/json' },
    body: [Buffer.from(JSON.stringify({ query, variables: { input } }))],
  })
  return readAnswer(reply as Reply, field)
}

const inputOf = (field: string) => `${field[0]?.toUpperCase()}${field.slice(1)}Input`

interface FileMutation {
  readonly field: string
  readonly input: object
  /** Where the file stands below the variables. */
  readonly path: string
  readonly selection: string
  readonly at?: string
}

/** One mutation with a file; undefined when it was cut. */
async function mutateByFile<T extends Payload>(
  site: Site,
  sent: Sent,
  { field, input, path, selection, at }: FileMutation,
): Promise<Answered<T> | undefined> {
  const query = `mutation M($input: ${inputOf(field)}!) { ${field}(input: $input) { ${selection} ${USER_ERRORS} } }`
  const { type, body } = multipartBody(
    { query, variables: { input } },
    { path: `variables.${path}`, ...sent },
  )
  const headers = { ...asked(site), ...preflight, 'content-type': type }
  const { halfway } = sent
  const reply = await exchange({ method: 'POST', url: `${site.gateway.url}/graphql`, headers, body, halfway })
  return reply ? readAnswer<T>(reply, field, at) : undefined
}

interface MediaPayload extends Payload {
  readonly media: { readonly id: string }
}
export interface ItemsPayload extends Payload {
  readonly results: readonly {
    readonly media: { readonly id: string }
    readonly userErrors: readonly UserError[]
  }[]
}

export const ofMedia = (answer: Answered<MediaPayload> | undefined): Came =>
  answer?.refusal ? { refusal: answer.refusal } : answer ? { mediaId: answer.payload.media.id } : {}

/** A media of an administrator that is there to be given another content. */
export async function placeholder({ gateway }: Site, { fields = {} }: Sent): Promise<string> {
  const { media } = await gateway.upload(
    { bytes: Buffer.from('before'), fileName: 'before.txt' },
    { ...fields },
  )
  return media.id
}

/** Does the job of an import until it is decided. */
async function fetched(site: Site, mediaId: string): Promise<Came> {
  const { app } = site.gateway
  // The last attempt: what would be tried again is then told as what it is.
  const context = { job: { attempts: 8 }, abortSignal: new AbortController().signal }
  await app.jobs.find(({ name }) => name === 'media.import')?.run({ mediaId }, context as never)
  const { media } = await site.gateway.query(`query($id: ID!) { media(id: $id) { status statusReason } }`, {
    id: mediaId,
  })
  if (media.status !== 'FAILED') return { mediaId }
  const code = REASONS[media.statusReason] ?? media.statusReason
  return { refusal: { protocol: 'import', code, field: null, told: media.status } }
}

const REASONS: Readonly<Record<string, string>> = {
  'The file is larger than this gateway takes.': 'FILE_TOO_LARGE',
  'The account has no room for the file.': 'QUOTA_EXCEEDED',
  'The file is of a type that this gateway does not take.': 'UNSUPPORTED_TYPE',
  'The server of the URL ended before the file was complete.': 'UPLOAD_INCOMPLETE',
}

function serve({ origin }: Site, { bytes, fileName, mimeType, halfway }: Sent): void {
  origin.answer((_request, response) => {
    const half = bytes.subarray(0, Math.floor(bytes.length / 2))
    response.writeHead(200, {
      'content-length': String(bytes.length),
      ...(mimeType === undefined ? {} : { 'content-type': mimeType }),
      ...(fileName === undefined
        ? {}
        : { 'content-disposition': `attachment; filename*=${extended(fileName)}` }),
    })
    if (!halfway) response.end(bytes)
    else response.write(half, () => void halfway().then(() => response.destroy()))
  })
}

export const GRAPHQL_DOORS: readonly Door[] = [
  {
    name: 'uploadMedia',
    uses: ['Mutation.uploadMedia', 'POST /graphql'],
    makes: 'media',
    hasPolicy: true,
    keeps: 'nothing',
    tells: tellsBy('graphql'),
    async send(site, sent) {
      const input = { ...sent.fields, file: null }
      const how = { field: 'uploadMedia', input, path: 'input.file', selection: 'media { id }' }
      return ofMedia(await mutateByFile<MediaPayload>(site, sent, how))
    },
  },
  {
    name: 'an item of uploadMediaBatch',
    uses: ['Mutation.uploadMediaBatch', 'POST /graphql'],
    makes: 'media',
    hasPolicy: true,
    keeps: 'nothing',
    tells: tellsBy('batch'),
    async send(site, sent) {
      const answer = await mutateByFile<ItemsPayload>(site, sent, {
        field: 'uploadMediaBatch',
        input: { items: [{ ...sent.fields, file: null }] },
        path: 'input.items.0.file',
        selection: `results { media { id } ${USER_ERRORS} }`,
        at: 'input.items.0',
      })
      if (!answer || answer.refusal) return answer ?? {}
      return { mediaId: answer.payload.results[0]?.media.id ?? '' }
    },
  },
  {
    name: 'importMedia',
    uses: ['Mutation.importMedia', 'POST /graphql'],
    makes: 'media',
    hasPolicy: false,
    keeps: 'nothing',
    tells: tellsBy('graphql', 'import'),
    async send(site, sent) {
      serve(site, sent)
      const input = { ...sent.fields, url: `${site.origin.url}/` }
      const answer = await mutate<MediaPayload>(site, 'importMedia', { input, selection: 'media { id }' })
      return answer.refusal ? { refusal: answer.refusal } : fetched(site, answer.payload.media.id)
    },
  },
  {
    name: 'replaceMediaContent by file',
    uses: ['Mutation.replaceMediaContent', 'POST /graphql'],
    makes: 'content',
    hasPolicy: false,
    keeps: 'nothing',
    tells: tellsBy('graphql'),
    async send(site, sent) {
      const input = { id: await placeholder(site, sent), file: null }
      const how = { field: 'replaceMediaContent', input, path: 'input.file', selection: 'media { id }' }
      return ofMedia(await mutateByFile<MediaPayload>(site, sent, how))
    },
  },
]
export type { MediaPayload }
