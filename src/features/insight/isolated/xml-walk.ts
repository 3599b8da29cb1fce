/** Run by Node itself in an isolated process: erasable TypeScript only. */

export interface XmlElement {
  /** As written, with its prefix. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  /** Between the start tag and whatever comes next. */
  readonly text: string
  /** Names of the elements around it, the nearest last. */
  readonly around: readonly string[]
}

const NAME = /[A-Za-z_][\w.:-]*/y
const ATTRIBUTE = /[\t\n\f\r ]+([A-Za-z_][\w.:-]*)[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)')/y
const TAG_END = /[\t\n\f\r ]*(\/?)>/y
const DEEPEST = 64

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * The elements of a document as far as it is well-formed, in time linear in its length. Knows the five entities of XML and character
 * references; a doctype, which could define others, ends the reading.
 */
export function* walkXml(text: string): Generator<XmlElement> {
  const open: string[] = []
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    if (text.startsWith('<?', at)) at = behind(text, '?>', at)
    else if (text.startsWith('<!--', at)) at = behind(text, '-->', at)
    else if (text.startsWith('</', at)) {
      open.pop()
      at = behind(text, '>', at)
    } else {
      const tag = startTag(text, at + 1)
      if (!tag || open.length >= DEEPEST) return
      const next = text.indexOf('<', tag.end)
      const content = text.slice(tag.end, next < 0 ? text.length : next)
      yield { name: tag.name, attributes: tag.attributes, text: unescaped(content), around: open }
      if (!tag.isEmpty) open.push(tag.name)
      at = tag.end
    }
  }
}

function startTag(text: string, start: number) {
  const name = match(NAME, text, start)
  if (!name) return null
  const attributes = new Map<string, string>()
  let at = name.end
  for (let found = match(ATTRIBUTE, text, at); found; found = match(ATTRIBUTE, text, at)) {
    const [, key = '', double, single] = found.groups
    attributes.set(key, unescaped(double ?? single ?? ''))
    at = found.end
  }
  const end = match(TAG_END, text, at)
  return end && { name: name.groups[0], attributes, isEmpty: end.groups[1] === '/', end: end.end }
}

function unescaped(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,6});/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return ENTITIES[entity] ?? whole
    const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1))
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** Behind the mark, or behind everything. */
function behind(text: string, mark: string, start: number): number {
  const at = text.indexOf(mark, start)
  return at < 0 ? text.length : at + mark.length
}

function match(sticky: RegExp, text: string, at: number) {
  sticky.lastIndex = at
  const groups = sticky.exec(text)
  return groups && { groups, end: sticky.lastIndex }
}
