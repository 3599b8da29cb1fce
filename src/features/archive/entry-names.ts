import { safeFileName } from '../../platform/lib/content-disposition.ts'

const MAX_NAME_BYTES = 255
/** What Windows takes for a device, whatever the extension (Naming Files, Paths, and Namespaces). */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?= *(?:\.|$))/i
/** What Windows allows in no name; a colon would name a drive. */
const FORBIDDEN = /[<>:"|?*]/g

/** Names for the files of one archive: safe to unpack on any system, no two the same where letter case does not count. */
export class EntryNames {
  readonly #taken = new Set<string>()
  /** The number that the last file of this name was given. */
  readonly #numbers = new Map<string, number>()

  constructor(reserved: readonly string[]) {
    for (const name of reserved) this.#taken.add(folded(name))
  }

  /** A name like this one that no other file of the archive has: a second `a.png` is `a (2).png`. */
  next(fileName: string): string {
    const name = safeFileName(fileName).replace(FORBIDDEN, '_').replace(DEVICE, '_$&')
    let unique = fitted(name, '')
    for (let n = this.#numbers.get(folded(name)) ?? 1; this.#taken.has(folded(unique)); ) {
      unique = fitted(name, ` (${++n})`)
      this.#numbers.set(folded(name), n)
    }
    this.#taken.add(folded(unique))
    return unique
  }
}

const folded = (name: string): string => name.normalize('NFC').toLowerCase()

/** The name with the suffix before its extension; the stem is cut as far as needed. */
function fitted(name: string, suffix: string): string {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  const stem = [...name.slice(0, name.length - extension.length)]
  while (stem.length > 1 && Buffer.byteLength(stem.join('') + suffix + extension) > MAX_NAME_BYTES) stem.pop()
  return stem.join('') + suffix + extension
}
