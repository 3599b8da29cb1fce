/** An HTTP message in the stretches between which it can break off. */
export interface Message {
  /** Start line, headers and the blank line after them. */
  readonly head: string
  /** What announces the file within the body: headers of a part, the size of a chunk; empty where nothing does. */
  readonly opening: string
  readonly file: Buffer
  /** What ends the body after the file; empty where its length was announced. */
  readonly closing: string
}

export const PLACES = ['after the headers', 'in a header', 'in the file', 'before the end'] as const
export type Place = (typeof PLACES)[number]

/** The first bytes of a message, up to where it breaks off. A header is that of the file's part or chunk, if it has one. */
export function upTo(place: Place, { head, opening, file, closing }: Message): Buffer {
  switch (place) {
    case 'after the headers':
      return Buffer.from(head)
    case 'in a header':
      return Buffer.from(opening ? head + half(opening) : half(head))
    case 'in the file':
      return Buffer.concat([Buffer.from(head + opening), file.subarray(0, file.length / 2)])
    case 'before the end':
      return Buffer.concat([Buffer.from(head + opening), closing ? file : file.subarray(0, -1)])
  }
}

const half = (text: string): string => text.slice(0, text.length / 2)

/** A message whose body is a file of announced length. */
export const sized = (start: string, headers: Headers, file: Buffer): Message => ({
  head: headOf(start, { ...headers, 'Content-Length': String(file.length) }),
  opening: '',
  file,
  closing: '',
})

/** A message whose body is a file in one chunk (RFC 9112, 7.1). */
export const chunked = (start: string, headers: Headers, file: Buffer): Message => ({
  head: headOf(start, { ...headers, 'Transfer-Encoding': 'chunked' }),
  opening: `${file.length.toString(16)}\r\n`,
  file,
  closing: '\r\n0\r\n\r\n',
})

const BOUNDARY = 'broken-off-6d1f0a'

/** A GraphQL multipart request whose body is `operations` and one file, of announced length. */
export function multipart(
  start: string,
  headers: Headers,
  part: { operations: string; file: Buffer },
): Message {
  const field = (name: string, value: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const before =
    field('operations', part.operations) +
    field('map', '{"0":["variables.input.file"]}') +
    `--${BOUNDARY}\r\n`
  const opening =
    'Content-Disposition: form-data; name="0"; filename="broken.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'
  const closing = `\r\n--${BOUNDARY}--\r\n`
  const type = {
    'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
    'Content-Length': String(before.length + opening.length + part.file.length + closing.length),
  }
  return { head: headOf(start, { ...headers, ...type }), opening: before + opening, file: part.file, closing }
}

type Headers = Readonly<Record<string, string>>

const headOf = (start: string, headers: Headers): string =>
  [start, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
