/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { markupText } from '../xml-root.ts'
import { svgSize } from './svg-size.ts'
import { type ExamineArgs, tell } from './tell.ts'
import { xmpFacts } from './xmp-facts.ts'

/** An SVG that does not begin its root element within this many bytes has no size. */
export const SVG_HEAD_BYTES = 64 * 1024

/** Where drawing programs put what is no drawing. */
const PACKET = /<(?:[\w.-]+:)?(?:xmpmeta|RDF)\b/
/** Whatever holds more than a drawing, or may: metadata, entities that stand for other text, files within the file. */
const MORE = /<(?:[\w.-]+:)?metadata\b|<\?xpacket|xmpmeta|rdf:|<!ENTITY|data:|GPS/i

/** Tells the size that the root element states, if it states one, and what its metadata tell; nothing is rendered. */
export async function examineSvg({ limits }: ExamineArgs, tools: TaskTools): Promise<void> {
  const size = svgSize(await tools.read(0, Math.min(tools.size, SVG_HEAD_BYTES) - 1))
  if (size === undefined) throw new HandlerFailure('unreadable', 'there is no root element of an SVG')
  if (size) await tell(tools, { facts: size })
  if (tools.size > limits.maxBytes) return
  const text = markupText(await tools.read(0, tools.size - 1))
  const packet = text.slice(PACKET.exec(text)?.index ?? text.length)
  // Titles and names in it are as often those of a template.
  const { geolocation, camera, alsoTells } = xmpFacts(Buffer.from(packet)).facts ?? {}
  await tell(tools, {
    facts: { geolocation, camera, alsoTells, ...(!MORE.test(text) && { searched: true }) },
  })
}
