import { binaryType } from './binary-type.ts'
import { markupType } from './markup-type.ts'
import { type SniffedType, type TypeHints, unknownType } from './sniffed-type.ts'
import { type Head, legacyTextType, textOf, textType } from './text-type.ts'

/** Formats that are text all through; every other signature in a text is chance ("GIFs are …", "BMW …"). */
const writtenAsText: ReadonlySet<string> = new Set([
  'application/pdf',
  'application/postscript',
  'application/rtf',
  'application/pgp-encrypted',
  'text/calendar',
  'text/vcard',
  'text/vtt',
])

/**
 * The type of a file from its first bytes. What a browser might run is recognised first and by content alone; then text; then
 * signatures; `application/octet-stream` is left. Never rejects, whatever the bytes; an empty file is `application/octet-stream`.
 */
export async function sniffType(head: Head, hints: TypeHints): Promise<SniffedType> {
  if (head.bytes.length === 0) return unknownType
  const markup = markupType(head.bytes)
  if (markup) return markup

  const binary = await binaryType(head.bytes, hints)
  const text = textOf(head)
  if (text !== null && !writtenAsText.has(binary?.mimeType ?? '')) return textType(text, head, hints)
  return binary ?? legacyTextType(head, hints) ?? unknownType
}
