import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'

export interface Message {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent whole, in pieces of its own: what stands around a file, and the file. */
  readonly body?: readonly Uint8Array[]
  /** Without Content-Length. */
  readonly isChunked?: boolean
  /** Called when half of the body's longest piece is sent; then the connection is cut. */
  readonly halfway?: () => Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** One HTTP exchange on a connection of its own; null when it is cut on the way. */
export async function exchange(message: Message): Promise<Reply | null> {
  const { method, url, headers = {}, body = [], isChunked, halfway } = message
  const length = body.reduce((sum, { length }) => sum + length, 0)
  const framing = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }
  const asked = request(url, { method, headers: { ...framing, ...headers }, agent: false })
  // Who is refused early may find the connection closed while it still sends; the answer says why.
  asked.on('error', () => undefined)
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => undefined)
  if (halfway) {
    asked.write(Buffer.concat(firstHalf(body)))
    await halfway()
    asked.destroy()
    return null
  }
  for (const piece of body) asked.write(piece)
  asked.end()
  const [response] = await answered
  const text = Buffer.concat(await response.toArray()).toString()
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

function firstHalf(body: readonly Uint8Array[]): Uint8Array[] {
  const longest = body.reduce((at, { length }, i) => (length > (body[at]?.length ?? 0) ? i : at), 0)
  const cut = body[longest] ?? new Uint8Array()
  return [...body.slice(0, longest), cut.subarray(0, Math.floor(cut.length / 2))]
}

/** RFC 8187: any text in a header field. */
export const extended = (text: string): string =>
  `UTF-8''${encodeURIComponent(text).replace(/['()*]/g, char => `%${char.charCodeAt(0).toString(16)}`)}`

/** A GraphQL multipart request with one file, its name as it is, whatever is in it. */
export function multipartBody(
  operations: object,
  { path, bytes, fileName, mimeType }: FilePart,
): { readonly type: string; readonly body: readonly Uint8Array[] } {
  const part = (name: string, value: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const { type, body } = formBody('0', { bytes, fileName, mimeType })
  const head = `${part('operations', JSON.stringify(operations))}${part('map', JSON.stringify({ 0: [path] }))}`
  return { type, body: [Buffer.from(head), ...body] }
}

const BOUNDARY = 'a-boundary-of-no-file'

/** A form with one file, its name as it is, whatever is in it. */
export function formBody(
  field: string,
  { bytes, fileName = 'file.bin', mimeType }: Omit<FilePart, 'path'>,
): { readonly type: string; readonly body: readonly Uint8Array[] } {
  // A quoted string could hold no line end, and browsers escape quotes in ways that no server undoes.
  const named = /^[^\p{Cc}"\\%]*$/u.test(fileName)
    ? `filename="${fileName}"`
    : `filename*=${extended(fileName)}`
  const type = mimeType === undefined ? '' : `Content-Type: ${mimeType}\r\n`
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; ${named}\r\n${type}\r\n`
  return {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    body: [Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)],
  }
}

interface FilePart {
  /** Where the operations want the file. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly fileName?: string
  readonly mimeType?: string
}
