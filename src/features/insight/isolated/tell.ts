/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import type { FileFacts } from '../file-facts.ts'
import type { ReadingLimits } from '../insight.config.ts'
import { plainObject } from '../plain-json.ts'

/** What an examination is told. */
export interface ExamineArgs {
  readonly mimeType: string
  readonly limits: ReadingLimits
}

/** Something that a file tells; metadata is grouped by where in the file it stands. */
export interface Finding {
  readonly facts?: FileFacts
  readonly metadata?: Record<string, unknown>
}

/** Tells the gateway at once what has been found: it is kept even if what follows kills this process. */
export function tell(tools: TaskTools, { facts = {}, metadata = {} }: Finding): Promise<void> {
  const line = JSON.stringify({ facts: plainObject(facts), metadata: plainObject(metadata) })
  return tools.make(Buffer.from(`${line}\n`))
}
