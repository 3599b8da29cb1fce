/** The first element of an XML document. */
export interface XmlRoot {
  /** Local name, as written: XML tells upper from lower case. */
  readonly name: string
  /** Values as written, without entities resolved; reading stops at what is not well-formed. */
  readonly attributes: ReadonlyMap<string, string>
  /** Whether an XML declaration (`<?xml …?>`) opens the document. */
  readonly declared: boolean
}

const SPACE = /[\t\n\f\r ]*/y
const TAG = /<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\t\n\f\r />])/y
const ATTRIBUTE = /[\t\n\f\r ]+([A-Za-z_][\w.:-]*)[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)')/y

/**
 * The text at the beginning of a file: in UTF-8, UTF-16LE or UTF-16BE where a byte order mark says so, else one character a
 * byte, which is right for the ASCII that markup is made of, whatever the encoding of the text between.
 */
export function markupText(bytes: Uint8Array): string {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return new TextDecoder('utf-8').decode(bytes)
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/**
 * Reads a document's root tag behind declaration, comments, processing instructions and doctype (XML 1.0, 2.8). Expands
 * nothing and fetches nothing, in time linear in the length of the text; null when no tag is found.
 */
export function xmlRoot(text: string): XmlRoot | null {
  for (let at: number | null = 0; at !== null; ) {
    at = match(SPACE, text, at)?.end ?? at
    if (text.startsWith('<?', at)) at = behind(text, '?>', at)
    else if (text.startsWith('<!--', at)) at = behind(text, '-->', at)
    else if (/^<!doctype/i.test(text.slice(at, at + 9))) at = behindDoctype(text, at + 9)
    else {
      const tag = match(TAG, text, at)
      if (!tag) return null
      return {
        name: tag.groups[1] ?? '',
        attributes: attributesAt(text, tag.end),
        declared: text.startsWith('<?xml'),
      }
    }
  }
  return null
}

function attributesAt(text: string, start: number): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (let found = match(ATTRIBUTE, text, start); found; found = match(ATTRIBUTE, text, found.end)) {
    const [, name = '', double, single] = found.groups
    if (!attributes.has(name)) attributes.set(name, double ?? single ?? '')
  }
  return attributes
}

/** A doctype ends at the first `>` outside quotes, comments and its internal subset. */
function behindDoctype(text: string, start: number): number | null {
  const marks = /["'[\]>]|<!--|<\?/g
  let inSubset = false
  let at: number | null = start
  while (at !== null) {
    marks.lastIndex = at
    const mark = marks.exec(text)
    if (!mark) return null
    at = marks.lastIndex
    if (mark[0] === '<!--') at = behind(text, '-->', at)
    else if (mark[0] === '<?') at = behind(text, '?>', at)
    else if (mark[0] === '"' || mark[0] === "'") at = behind(text, mark[0], at)
    else if (mark[0] === '[') inSubset = true
    else if (mark[0] === ']') inSubset = false
    else if (!inSubset) return at
  }
  return null
}

function behind(text: string, end: string, start: number): number | null {
  const at = text.indexOf(end, start)
  return at < 0 ? null : at + end.length
}

function match(sticky: RegExp, text: string, at: number) {
  sticky.lastIndex = at
  const groups = sticky.exec(text)
  return groups && { groups, end: sticky.lastIndex }
}
