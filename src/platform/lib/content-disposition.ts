/** Longest file name, in bytes of UTF-8: what ext4, APFS and NTFS take. */
const MAX_NAME_BYTES = 255
/** An extension longer than this, with its dot, is not worth keeping when a name is cut. */
const MAX_EXTENSION_BYTES = 32

/** No file has these in its name honestly: controls, line ends, lone surrogates, and what reverses the order of letters. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu

/**
 * A name that can be saved under: one path segment on any system, well-formed, without control and bidirectional override
 * characters, at most 255 bytes of UTF-8 with its extension kept, `download` when nothing is left.
 */
export function safeFileName(name: string): string {
  const clean = name.replace(INVISIBLE, '').replace(/[/\\]/g, '_')
  return shorten(trimmed(clean)) || 'download'
}

/**
 * A Content-Disposition for a file of any name (RFC 6266), always one line of ASCII: a name beyond plain ASCII goes into
 * `filename*` (RFC 8187) and, with `_` for each odd character, into `filename` for those who do not know the former.
 */
export function contentDisposition(type: 'inline' | 'attachment', fileName: string): string {
  const name = safeFileName(fileName)
  // Quotes and percent signs are legal here, but browsers do not agree on how to read them (RFC 6266, appendix D).
  const plain = name.replace(/[^\x20-\x7e]|["%]/gu, '_')
  const header = `${type}; filename="${plain}"`
  return plain === name ? header : `${header}; filename*=UTF-8''${extendedValue(name)}`
}

/** RFC 8187, 3.2.1: all but attr-char is percent-encoded. */
function extendedValue(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Windows drops blanks and dots at the end of a name; nothing but dots would be a folder. */
function trimmed(name: string): string {
  return name.trim().replace(/(?<![. ])[. ]+$/, '')
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  const dot = name.lastIndexOf('.')
  const tail = dot > 0 ? name.slice(dot) : ''
  const extension = Buffer.byteLength(tail) <= MAX_EXTENSION_BYTES ? tail : ''
  return trimmed(firstBytes(name, MAX_NAME_BYTES - Buffer.byteLength(extension))) + extension
}

/** As many whole characters as fit. */
function firstBytes(text: string, limit: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(limit))
  return text.slice(0, read)
}

/** One parameter of RFC 6266, 4.1: a name, and a token or a quoted string, in which a backslash stands before what it keeps. */
const PARAMETER = /;\s*([\w!#$&+.^`|~*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]+)/g

/**
 * The file name that a Content-Disposition of somebody else gives, as it stands there: it may look like a path. `filename*` goes
 * before `filename` (RFC 6266, 4.3); undefined where neither can be read.
 */
export function fileNameOf(header: string): string | undefined {
  const parameters = new Map(
    [...header.matchAll(PARAMETER)].map(([, name = '', value = '']) => [name.toLowerCase(), value]),
  )
  const extended = decodeExtended(parameters.get('filename*') ?? '')
  const plain = parameters
    .get('filename')
    ?.replace(/^"(.*)"$/s, '$1')
    .replace(/\\(.)/gs, '$1')
  return extended || plain || undefined
}

/** RFC 8187, 3.2, of which all but UTF-8 is history. */
function decodeExtended(value: string): string | undefined {
  const encoded = /^utf-8'[^']*'(.+)$/i.exec(value)?.[1]
  try {
    return encoded && decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
