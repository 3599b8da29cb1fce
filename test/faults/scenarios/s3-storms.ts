import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { newSeed } from '../random.ts'
import { type Aim, all, each, SLOW_DOWN, some } from '../s3/judges.ts'
import { type Size, StoreSite } from '../s3/store-site.ts'
import type { Way } from '../s3/ways.ts'
import type { Lab, Scenario } from '../scenario.ts'

const CASES: readonly (readonly [Way, Size, Aim])[] = [
  ['multipart', 'small', { operation: 'HeadObject' }],
  ['multipart', 'small', { operation: 'PutObject' }],
  ['PUT', 'small', { operation: 'PutObject' }],
  ['tus', 'small', { operation: 'PutObject' }],
  ['PUT', 'large', { operation: 'PutObject', isUnfinished: true }],
  ['tus', 'large', { operation: 'PutObject', isUnfinished: true }],
  ['tus', 'large', { operation: 'GetObject', isUnfinished: true }],
  ['tus', 'large', { operation: 'ListParts' }],
  ['tus', 'large', { operation: 'ListObjects' }],
  ['multipart', 'large', { operation: 'CreateMultipartUpload' }],
  ['PUT', 'large', { operation: 'UploadPart' }],
  ['tus', 'large', { operation: 'UploadPart' }],
  ['tus in parts', 'large', { operation: 'UploadPartCopy' }],
  ['multipart', 'large', { operation: 'CompleteMultipartUpload' }],
  ['tus', 'large', { operation: 'CompleteMultipartUpload' }],
  ['PUT', 'large', { operation: 'DeleteObject', isUnfinished: true }],
]
const WAYS = ['multipart', 'PUT', 'tus', 'tus in parts'] as const
const SIZES = ['small', 'large'] as const
/** How long the gateway says the same of its readiness. */
const FRESH_MS = 1_100
/** Of a hundred requests. The SDK asks three times, so that at the second one most uploads have a request refused for good. */
const SHARES = [20, 60] as const

async function run(lab: Lab) {
  const { random, progress } = lab
  const { store } = await StoreSite.open(lab)
  const media = await store.stored(newSeed(random), 'large')
  for (const percent of SHARES) {
    for (const way of WAYS) {
      for (const size of SIZES) {
        progress(`${percent} % of requests, ${way}, ${size}`)
        const judge = some(percent, SLOW_DOWN, random)
        await store.tryUpload({ fault: 'slowDownSome', way, size, judge, seed: newSeed(random) })
      }
    }
  }
  for (const [way, size, aim] of CASES) {
    progress(`${way}, ${size}: ${aim.operation}`)
    const judge = each(aim, SLOW_DOWN)
    await store.tryUpload({ fault: 'slowDownOne', way, size, judge, seed: newSeed(random) })
  }
  await store.tryDownload('slowDownOne', media, each({ operation: 'GetObject' }, SLOW_DOWN))
  for (const way of WAYS) {
    for (const size of SIZES) {
      progress(`everything, ${way}, ${size}`)
      await store.tryUpload({ fault: 'slowDownAll', way, size, judge: all(SLOW_DOWN), seed: newSeed(random) })
    }
  }
  await store.tryDownload('slowDownAll', media, all(SLOW_DOWN))
  store.proxy.breakBy(all(SLOW_DOWN))
  // The answer of the second before is good for this one, too.
  await delay(FRESH_MS)
  assert.equal(await store.site.client.ready(), 503, 'a gateway without its store says that it is ready')
  return store.settle()
}

export const s3Storms: Scenario = {
  name: 's3-storms',
  proves:
    'A store that answers with 503 "SlowDown", to some requests, to all of one kind, or to everything, costs clients a second try at the most: they are told when, and have their media when it is over.',
  deadlineSeconds: 900,
  run,
}
