import type { Refusal, Sent } from './door.ts'
import { below } from './graphql-doors.ts'
import { exchange, type Message, type Reply } from './wire.ts'

export const TUS = { 'tus-resumable': '1.0.0' }
const BYTES = 'application/offset+octet-stream'

/** In how many and which requests a file goes. */
export type Course = 'one PATCH' | 'creation' | 'parts' | 'deferred length' | 'POST in disguise'

export interface Endpoint {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** What came of it: where the answer that finishes it names a media, that one. */
export type TusCame =
  | { readonly mediaId: string | null; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly mediaId?: undefined }
  | 'cut'

/** Sends a file by tus 1.0. */
export async function sendByTus(endpoint: Endpoint, sent: Sent, course: Course): Promise<TusCame> {
  const { bytes, halfway } = sent
  const said = { 'upload-metadata': metadataOf(sent) }
  const length = { 'upload-length': String(bytes.length) }
  switch (course) {
    case 'creation':
      return told(
        await ask(endpoint, { ...said, ...length, 'content-type': BYTES }, { body: [bytes], halfway }),
      )
    case 'parts':
      return sendInParts(endpoint, sent)
    case 'deferred length': {
      const made = await ask(endpoint, { ...said, 'upload-defer-length': '1' })
      return append(endpoint, made, { bytes, halfway, headers: length })
    }
    default: {
      const made = await ask(endpoint, { ...said, ...length })
      const isDisguised = course === 'POST in disguise'
      const headers = isDisguised ? { 'x-http-method-override': 'PATCH' } : undefined
      return append(endpoint, made, { bytes, halfway, headers, method: isDisguised ? 'POST' : 'PATCH' })
    }
  }
}

async function sendInParts(endpoint: Endpoint, sent: Sent): Promise<TusCame> {
  const { bytes, halfway } = sent
  const middle = Math.floor(bytes.length / 2)
  const urls: string[] = []
  for (const part of [bytes.subarray(0, middle), bytes.subarray(middle)]) {
    const made = await ask(endpoint, { 'upload-concat': 'partial', 'upload-length': String(part.length) })
    const came = await append(endpoint, made, { bytes: part, halfway: urls.length > 0 ? halfway : undefined })
    if (came === 'cut' || came.refusal) return came
    urls.push(made?.headers.location ?? '')
  }
  return told(
    await ask(endpoint, { 'upload-metadata': metadataOf(sent), 'upload-concat': `final;${urls.join(' ')}` }),
  )
}

const ask = (
  { url, headers }: Endpoint,
  more: Readonly<Record<string, string>>,
  rest: Partial<Message> = {},
): Promise<Reply | null> =>
  exchange({ method: 'POST', url, ...rest, headers: { ...headers, ...TUS, ...more } })

interface Piece {
  readonly bytes: Uint8Array
  readonly halfway?: () => Promise<void>
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

/** Sends bytes to an upload that was made just now; tells why not, where it was not. */
async function append(endpoint: Endpoint, made: Reply | null, piece: Piece): Promise<TusCame> {
  const { bytes, halfway, headers, method = 'PATCH' } = piece
  const creation = told(made)
  if (creation === 'cut' || creation.refusal) return creation
  // A file of no bytes is whole when it is made.
  if (bytes.length === 0 && headers?.['upload-length'] === undefined) return creation
  const url = made?.headers.location ?? ''
  const asked = { 'upload-offset': '0', 'content-type': BYTES, ...headers }
  return told(await ask({ ...endpoint, url }, asked, { method, body: [bytes], halfway }))
}

function told(reply: Reply | null): TusCame {
  if (!reply) return 'cut'
  const { status, headers, text } = reply
  if (status < 300) return { mediaId: (headers['media-id'] as string | undefined) ?? null }
  const { code, field } = JSON.parse(text).error
  return { refusal: { protocol: 'tus', code, field: below('input', field), told: String(status) } }
}

/** Upload-Metadata: name, type and fields, each a text; what is no text, as JSON. */
export function metadataOf({ fileName, mimeType, fields = {} }: Sent): string {
  const pairs = { filename: fileName, filetype: mimeType, ...fields }
  return Object.entries(pairs)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return `${key} ${Buffer.from(text).toString('base64')}`
    })
    .join(',')
}
