import { markupText, xmlRoot } from '../../insight/xml-root.ts'
import type { SniffedType } from './sniffed-type.ts'

/**
 * What browsers take for HTML (WHATWG MIME Sniffing, 7.1), a little wider: every blank and `/` end a tag, and a byte order
 * mark or UTF-16 hides nothing.
 */
const HTML =
  /^[\t\n\f\r ]*<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)(?=[\t\n\f\r />]))/i

const SVG = { mimeType: 'image/svg+xml', extension: 'svg' } as const
const XHTML = { mimeType: 'application/xhtml+xml', extension: 'xhtml' } as const
const XML = { mimeType: 'application/xml', extension: 'xml' } as const
const PAGE = { mimeType: 'text/html', extension: 'html' } as const

/**
 * Recognises what a browser might run: SVG, HTML, XHTML and declared XML, from content alone, so that no name and no declared
 * type can hide it. Null for everything else.
 */
export function markupType(head: Uint8Array): SniffedType | null {
  const text = markupText(head)
  const root = xmlRoot(text)
  if (root?.name === 'svg') return SVG
  if (root?.declared && root.name === 'html') return XHTML
  if (HTML.test(text)) return PAGE
  return /^<\?xml[\t\n\r ]/.test(text) ? XML : null
}
