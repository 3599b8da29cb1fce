import { newSeed } from '../random.ts'
import { type Aim, few } from '../s3/judges.ts'
import type { Half } from '../s3/s3-proxy.ts'
import { type Size, StoreSite } from '../s3/store-site.ts'
import type { Way } from '../s3/ways.ts'
import type { Lab, Scenario } from '../scenario.ts'

/** Twice a lease, and longer than a lock of tus is held without a word. */
const STALL_MS = 10_000
/** Longer than the driver waits for the rest of an answer. */
const SILENCE_MS = 75_000

/** An append asks for the offset first, which stands at the beginning of what is read; the second time it wants all of it. */
const OF_TAIL = { from: 2 }

const UPLOADS: readonly (readonly [Way, Size, Aim, 'answer' | Half])[] = [
  ['multipart', 'small', { operation: 'HeadObject' }, 'answer'],
  ['PUT', 'small', { operation: 'PutObject' }, 'answer'],
  ['multipart', 'small', { operation: 'PutObject' }, 'request'],
  ['tus', 'large', { operation: 'CreateMultipartUpload' }, 'answer'],
  ['multipart', 'large', { operation: 'UploadPart' }, 'answer'],
  ['PUT', 'large', { operation: 'UploadPart' }, 'request'],
  ['tus', 'large', { operation: 'UploadPart' }, 'request'],
  ['tus', 'large', { operation: 'GetObject', isUnfinished: true }, 'content'],
  ['tus in parts', 'large', { operation: 'UploadPartCopy' }, 'answer'],
  ['tus in parts', 'large', { operation: 'GetObject' }, 'content'],
  ['multipart', 'large', { operation: 'CompleteMultipartUpload' }, 'answer'],
  ['tus', 'large', { operation: 'CompleteMultipartUpload' }, 'answer'],
]

async function run(lab: Lab) {
  const { random, progress } = lab
  const { store } = await StoreSite.open(lab)
  for (const [way, size, aim, at] of UPLOADS) {
    progress(`${way}, ${size}: ${aim.operation}, ${at}`)
    const judge = few(aim, { do: 'stall', at, ms: STALL_MS }, aim.isUnfinished ? OF_TAIL : {})
    await store.tryUpload({ fault: 'stall', way, size, judge, seed: newSeed(random) })
  }
  const media = await store.stored(newSeed(random), 'large')
  for (const at of ['answer', 'content'] as const) {
    progress(`download: GetObject, ${at}`)
    const judge = few({ operation: 'GetObject' }, { do: 'stall', at, ms: STALL_MS })
    await store.tryDownload('stall', media, judge)
  }
  progress('silence in the middle of an answer')
  const silence = { do: 'stall', at: 'content', ms: SILENCE_MS } as const
  await store.tryDownload('silence', media, few({ operation: 'GetObject' }, silence))
  const ofState = few({ operation: 'GetObject', isUnfinished: true }, silence, OF_TAIL)
  const trial = { way: 'tus', size: 'large', seed: newSeed(random) } as const
  await store.tryUpload({ ...trial, fault: 'silence', judge: ofState })
  return store.settle()
}

export const s3Stalls: Scenario = {
  name: 's3-stalls',
  proves:
    'A store that says nothing for 10 s, before its answer or in the middle of a body, twice as long as a lease, is waited for: uploads and downloads succeed. One that says nothing for more than a minute in the middle of an answer is not.',
  deadlineSeconds: 900,
  run,
}
