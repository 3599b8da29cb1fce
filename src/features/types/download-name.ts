import { EXTENSIONS, OPEN_TYPES } from './extensions.ts'

/** Extensions that say that a file is of some type, or of none in particular. */
const TELLING: ReadonlySet<string> = new Set([...Object.values(EXTENSIONS).flat(), 'bin', 'tmp'])

/** Stem and extension; the dot of a hidden file begins no extension. */
const NAME = /^(?<stem>.+)\.(?<extension>[A-Za-z0-9]{1,10})$/s

/**
 * The name that a file is saved under: its extension is one of its true type, so that a system opens what the bytes are. A wrong one is
 * replaced, a missing one added; `extension` is the one to give, if an operator says so. A name is left alone where nothing better
 * is known.
 */
export function downloadName(fileName: string, mimeType: string, extension: string | null = null): string {
  const right = extension === null ? (EXTENSIONS[mimeType] ?? []) : [extension]
  const [usual] = right
  if (usual === undefined) return fileName
  const { stem, extension: given } = NAME.exec(fileName)?.groups ?? {}
  if (given === undefined) return `${fileName}.${usual}`
  const lower = given.toLowerCase()
  if (right.includes(lower)) return fileName
  if (TELLING.has(lower)) return `${stem}.${usual}`
  return OPEN_TYPES.has(mimeType) && extension === null ? fileName : `${fileName}.${usual}`
}
