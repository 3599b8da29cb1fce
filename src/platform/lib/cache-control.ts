/** A directive of Cache-Control (RFC 9111, 5.2). */
export interface CacheDirective {
  /** In small letters. */
  readonly name: string
  /** With its argument, as it was written. */
  readonly text: string
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`
const QUOTED = String.raw`"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"`
/** One element of the list, up to the comma; it may be empty (RFC 9110, 5.6.1.2, 5.6.2 and 5.6.4). */
const ELEMENT = new RegExp(
  String.raw`[\t ]*(?<text>(?<name>${TOKEN})(?:=(?:${TOKEN}|${QUOTED}))?)?[\t ]*(?:,|$)`,
  'y',
)

/** The directives in their order; null where the text is no value of Cache-Control. */
export function cacheDirectives(text: string): CacheDirective[] | null {
  const directives: CacheDirective[] = []
  for (let at = 0; at < text.length; at = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = at
    const { groups } = ELEMENT.exec(text) ?? {}
    if (!groups) return null
    const { name, text: directive } = groups
    if (name && directive) directives.push({ name: name.toLowerCase(), text: directive })
  }
  return directives
}
