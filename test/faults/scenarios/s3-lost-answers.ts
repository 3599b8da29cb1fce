import { newSeed } from '../random.ts'
import type { FaultName } from '../s3/faults.ts'
import { type Aim, each, few } from '../s3/judges.ts'
import { type Size, StoreSite } from '../s3/store-site.ts'
import type { Way } from '../s3/ways.ts'
import type { Lab, Scenario } from '../scenario.ts'

export const LOST = { do: 'loseAnswer' } as const

/** Each request that the gateway sends while something is uploaded, in the ways that send it. */
const CASES: readonly (readonly [Way, Size, Aim])[] = [
  ['multipart', 'small', { operation: 'HeadObject' }],
  ['multipart', 'small', { operation: 'PutObject' }],
  ['PUT', 'small', { operation: 'PutObject' }],
  ['tus', 'small', { operation: 'PutObject' }],
  ['tus', 'small', { operation: 'AbortMultipartUpload' }],
  ['PUT', 'large', { operation: 'PutObject', isUnfinished: true }],
  ['tus', 'large', { operation: 'PutObject', isUnfinished: true }],
  ['tus', 'large', { operation: 'GetObject', isUnfinished: true }],
  ['tus', 'large', { operation: 'ListParts' }],
  ['tus', 'large', { operation: 'ListObjects' }],
  ['multipart', 'large', { operation: 'CreateMultipartUpload' }],
  ['tus', 'large', { operation: 'CreateMultipartUpload' }],
  ['multipart', 'large', { operation: 'UploadPart' }],
  ['tus', 'large', { operation: 'UploadPart' }],
  ['tus in parts', 'large', { operation: 'UploadPartCopy' }],
  ['multipart', 'large', { operation: 'CompleteMultipartUpload' }],
  ['PUT', 'large', { operation: 'CompleteMultipartUpload' }],
  ['tus', 'large', { operation: 'CompleteMultipartUpload' }],
  ['tus in parts', 'large', { operation: 'CompleteMultipartUpload' }],
  ['multipart', 'large', { operation: 'DeleteObject', isUnfinished: true }],
  ['tus', 'large', { operation: 'DeleteObject', isUnfinished: true }],
]

async function run(lab: Lab) {
  const { random, progress } = lab
  const { store } = await StoreSite.open(lab)
  for (const [way, size, aim] of CASES) {
    progress(`${way}, ${size}: the answer to ${aim.operation}`)
    const everyTime: FaultName = aim.operation === 'CompleteMultipartUpload' ? 'completionLost' : 'answerLost'
    const trial = { way, size }
    await store.tryUpload({
      ...trial,
      fault: 'answerLostOnce',
      judge: few(aim, LOST),
      seed: newSeed(random),
    })
    await store.tryUpload({ ...trial, fault: everyTime, judge: each(aim, LOST), seed: newSeed(random) })
  }
  const media = await store.stored(newSeed(random), 'large')
  await store.tryDownload('answerLostOnce', media, few({ operation: 'GetObject' }, LOST))
  await store.tryDownload('answerLost', media, each({ operation: 'GetObject' }, LOST))
  return store.settle()
}

export const s3LostAnswers: Scenario = {
  name: 's3-lost-answers',
  proves:
    'The answer to any request to an S3 store is lost, after it was carried out: once, and the client notices nothing; at every try, and it is refused for now, except where the store can be asked what it has done.',
  deadlineSeconds: 900,
  run,
}
