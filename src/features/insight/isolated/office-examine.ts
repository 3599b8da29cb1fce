/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { BoundedReader } from './bounded-reader.ts'
import { clean } from './exif-facts.ts'
import { type ExamineArgs, type Finding, tell } from './tell.ts'
import { walkXml } from './xml-walk.ts'
import { zipParts } from './zip-parts.ts'

const CORE = 'docProps/core.xml'
const APP = 'docProps/app.xml'
const META = 'meta.xml'

const MOST_VALUES = 200

/** Tells what an Office Open XML file says of itself (ECMA-376 part 2, 11, and part 1, 22.2). */
export async function examineOpenXml({ limits }: ExamineArgs, tools: TaskTools): Promise<void> {
  const parts = await zipParts(new BoundedReader(tools, limits.maxReadBytes), [CORE, APP])
  const [core, app] = [valuesOf(parts.get(CORE)), valuesOf(parts.get(APP))]
  const pages = count(app.get('Pages')) ?? count(app.get('Slides'))
  await tell(tools, said({ title: core.get('dc:title'), author: core.get('dc:creator'), pages }))
  await tell(tools, { metadata: { office: { ...Object.fromEntries(core), ...Object.fromEntries(app) } } })
}

/** Tells what an OpenDocument file says of itself (OASIS OpenDocument 1.3, part 3, 4.3). */
export async function examineOpenDocument({ limits }: ExamineArgs, tools: TaskTools): Promise<void> {
  const parts = await zipParts(new BoundedReader(tools, limits.maxReadBytes), [META])
  const meta = valuesOf(parts.get(META))
  const author = meta.get('dc:creator') ?? meta.get('meta:initial-creator')
  const pages = count(meta.get('meta:page-count'))
  await tell(tools, said({ title: meta.get('dc:title'), author, pages }))
  await tell(tools, { metadata: { office: Object.fromEntries(meta) } })
}

/** The facts of a document that states these. */
export function said(stated: {
  title?: string
  author?: string
  pages?: number
  encrypted?: boolean
}): Finding {
  const { title, author, pages, encrypted } = stated
  const document = clean({ author, encrypted })
  const facts = { title, pageCount: pages, document: Object.keys(document).length > 0 ? document : undefined }
  return { facts: clean(facts) }
}

/** The first text of each element, and the statistics that OpenDocument has in attributes. */
function valuesOf(xml: string | undefined): Map<string, string> {
  const values = new Map<string, string>()
  for (const { name, attributes, text } of walkXml(xml ?? '')) {
    const statistics = [...attributes].filter(([key]) => key.startsWith('meta:'))
    for (const [key, value] of [[name, text.trim()] as const, ...statistics])
      if (value !== '' && !values.has(key)) values.set(key, value)
    if (values.size >= MOST_VALUES) break
  }
  return values
}

/** None is what programs write that did not count. */
function count(value: string | undefined): number | undefined {
  return /^[1-9]\d{0,6}$/.test(value ?? '') ? Number(value) : undefined
}
