import { newSeed } from '../random.ts'
import type { FaultName } from '../s3/faults.ts'
import { each, errorIn200, few } from '../s3/judges.ts'
import type { S3Operation } from '../s3/s3-request.ts'
import { StoreSite } from '../s3/store-site.ts'
import type { Way } from '../s3/ways.ts'
import type { Lab, Scenario } from '../scenario.ts'

/** Those that a store may take long for, and answers before it knows (Amazon S3 API Reference: "200 OK can contain an error"). */
const CASES: readonly (readonly [Way, S3Operation])[] = [
  ['multipart', 'CompleteMultipartUpload'],
  ['PUT', 'CompleteMultipartUpload'],
  ['tus', 'CompleteMultipartUpload'],
  ['tus in parts', 'CompleteMultipartUpload'],
  ['tus in parts', 'UploadPartCopy'],
]

interface How {
  readonly isDone: boolean
  /** The SDK then takes it for a result. */
  readonly isLineEnded: boolean
}

/** What is listed for one such answer, and for such an answer at every try. */
export function listed(
  operation: S3Operation,
  { isDone, isLineEnded }: How,
): Record<'once' | 'always', FaultName> {
  if (isDone && operation === 'CompleteMultipartUpload')
    return { once: 'errorIn200Once', always: 'errorIn200Done' }
  return isLineEnded
    ? { once: 'unreadableIn200', always: 'unreadableIn200' }
    : { once: 'errorIn200Once', always: 'errorIn200' }
}

async function run(lab: Lab) {
  const { random, progress } = lab
  const { store } = await StoreSite.open(lab)
  for (const [way, operation] of CASES) {
    for (const isDone of [false, true]) {
      for (const isLineEnded of [false, true]) {
        progress(`${way}: ${operation} ${isDone ? 'done' : 'not done'}${isLineEnded ? ', a line break' : ''}`)
        const { once, always } = listed(operation, { isDone, isLineEnded })
        const verdict = errorIn200({ isDone, isLineEnded })
        const trial = { way, size: 'large' } as const
        const first = few({ operation }, verdict)
        await store.tryUpload({ ...trial, fault: once, judge: first, seed: newSeed(random) })
        const every = each({ operation }, verdict)
        await store.tryUpload({ ...trial, fault: always, judge: every, seed: newSeed(random) })
      }
    }
  }
  return store.settle()
}

export const s3ErrorIn200: Scenario = {
  name: 's3-error-in-200',
  proves:
    'A store answers CompleteMultipartUpload with 200 and an error, done or not, once or at every try: the client has its media where it was done, and is refused for now where it was not.',
  deadlineSeconds: 900,
  run,
}
