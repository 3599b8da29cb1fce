import { chooseByHint, type SniffedType, type TypeHints } from './sniffed-type.ts'

/** Text that no browser runs. A name or declared type may choose among these, and among nothing else. */
const passiveText = {
  txt: 'text/plain',
  text: 'text/plain',
  log: 'text/plain',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  md: 'text/markdown',
  markdown: 'text/markdown',
  json: 'application/json',
  geojson: 'application/geo+json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  toml: 'application/toml',
} as const

const PLAIN = { mimeType: 'text/plain', extension: 'txt' } as const

/** The beginning of a file; `whole` when nothing follows. */
export interface Head {
  readonly bytes: Uint8Array
  readonly whole: boolean
}

/** The head as text: valid UTF-8, or UTF-16 with a byte order mark, without control characters; null for anything else. */
export function textOf({ bytes, whole }: Head): string | null {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  try {
    // A head may end within a character, a whole file may not.
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !whole })
    return hasBinary(text) ? null : text
  } catch {
    return null
  }
}

/** The type of text by hint; without one, JSON that is all here and parses is told from plain text. */
export function textType(text: string, { whole }: Head, hints: TypeHints): SniffedType {
  const hinted = chooseByHint(passiveText, hints)
  if (hinted) return hinted
  return whole && isJson(text) ? { mimeType: 'application/json', extension: 'json' } : PLAIN
}

/** Text in an old 8-bit encoding looks like anything; it is text only when it has no control bytes and a hint says so. */
export function legacyTextType({ bytes }: Head, hints: TypeHints): SniffedType | null {
  return hasBinary(Buffer.from(bytes).toString('latin1')) ? null : chooseByHint(passiveText, hints)
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A "binary data byte" of WHATWG MIME Sniffing, 3: a control character that no text has. */
function hasBinary(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && !(code >= 0x09 && code <= 0x0d && code !== 0x0b) && code !== 0x1b) return true
  }
  return false
}
