/** Run by Node itself in an isolated process: erasable TypeScript only. */
import CFB from 'cfb'
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { first } from './image-size.ts'
import { said } from './office-examine.ts'
import { type PropertyValue, propertySet } from './property-set.ts'
import { type ExamineArgs, tell } from './tell.ts'

/** Properties of `SummaryInformation` ([MS-OSHARED] 2.3.3.2.1). */
const SUMMARY = {
  title: 2,
  subject: 3,
  author: 4,
  keywords: 5,
  comments: 6,
  lastAuthor: 8,
  created: 12,
  saved: 13,
  pages: 14,
  words: 15,
  application: 18,
  security: 19,
} as const
/** Properties of `DocumentSummaryInformation` ([MS-OSHARED] 2.3.3.2.2). */
const DOCUMENT = { category: 2, slides: 7, manager: 14, company: 15 } as const
/** Bit of `security`: the file asks for a password. */
const PASSWORD = 1

/** Tells what an Office file of before 2007 says of itself in its summary streams. The format must be read whole. */
export async function examineCompound({ limits }: ExamineArgs, tools: TaskTools): Promise<void> {
  if (tools.size > limits.maxBytes)
    throw new HandlerFailure('too-large', `more than ${limits.maxBytes} bytes`)
  const container = CFB.read(await first(tools, limits.maxBytes), { type: 'buffer' })
  const stream = (name: string) => propertySet(Buffer.from(CFB.find(container, name)?.content ?? []))
  const summary = named(stream('\u0005SummaryInformation'), SUMMARY)
  const document = named(stream('\u0005DocumentSummaryInformation'), DOCUMENT)
  const security = summary.security
  const encrypted = typeof security === 'number' ? (security & PASSWORD) !== 0 : undefined
  const pages = count(document.slides) ?? count(summary.pages)
  await tell(tools, said({ title: text(summary.title), author: text(summary.author), pages, encrypted }))
  await tell(tools, { metadata: { office: { ...summary, ...document } } })
}

function named<T extends Record<string, number>>(values: ReadonlyMap<number, PropertyValue>, names: T) {
  return Object.fromEntries(Object.entries(names).map(([name, id]) => [name, values.get(id)])) as Partial<
    Record<keyof T, PropertyValue>
  >
}

const text = (value: PropertyValue | undefined) => (typeof value === 'string' ? value : undefined)

/** None is what programs write that did not count. */
const count = (value: PropertyValue | undefined) =>
  typeof value === 'number' && value > 0 ? value : undefined
