import assert from 'node:assert/strict'
import { newSeed } from '../random.ts'
import { type Aim, each, few } from '../s3/judges.ts'
import { readThrough } from '../s3/reads.ts'
import { SIZES, type Size, StoreSite } from '../s3/store-site.ts'
import { hostOf, type Way } from '../s3/ways.ts'
import type { Lab, Scenario } from '../scenario.ts'

const SENT: readonly (readonly [Way, Size, Aim])[] = [
  ['multipart', 'small', { operation: 'PutObject' }],
  ['PUT', 'small', { operation: 'PutObject' }],
  ['tus', 'small', { operation: 'PutObject' }],
  ['multipart', 'large', { operation: 'UploadPart' }],
  ['PUT', 'large', { operation: 'UploadPart' }],
  ['tus', 'large', { operation: 'UploadPart' }],
  ['tus', 'large', { operation: 'PutObject', isUnfinished: true }],
]
/** Uploads that read: what is known of them, or the bytes that they are joined of, by the gateway or by the store. */
const READ: readonly (readonly [Way, Size, Aim])[] = [
  ['tus', 'large', { operation: 'GetObject', isUnfinished: true }],
  ['tus in parts', 'small', { operation: 'GetObject' }],
  ['tus in parts', 'large', { operation: 'GetObject' }],
]
export const CONTENT = { do: 'truncate', at: 'content' } as const
const REQUEST = { do: 'truncate', at: 'request' } as const
const BREAKS = 3

/** A body that the store breaks off is broken off for the client, again and again; going on by ranges it has all of it. */
export async function breakDownload(store: StoreSite, size: Size, seed: number): Promise<void> {
  const media = await store.stored(seed, size)
  await store.tryDownload('contentTruncated', media, few({ operation: 'GetObject' }, CONTENT))
  store.proxy.breakBy(few({ operation: 'GetObject' }, CONTENT, { count: BREAKS }))
  const breaks = await readThrough(await hostOf(store.site), media.id, media.specimen)
  assert.equal(store.proxy.struck, BREAKS)
  // One that comes before the gateway has seen the head is repeated by the SDK, and the client sees nothing of it.
  assert(breaks >= 1 && breaks <= BREAKS, `${breaks} breaks were seen of ${BREAKS}`)
}

/** A file whose object is gone is known to be lost, and is there again when its operator has brought it back. */
async function loseObject(store: StoreSite, seed: number): Promise<void> {
  const before = new Set(await store.bucket.names())
  const media = await store.stored(seed, 'small')
  const [name] = (await store.bucket.names()).filter(candidate => !before.has(candidate))
  assert(name, 'a stored file has made no object')
  await store.bucket.move(name, 'elsewhere')
  await store.download('objectLost', media)
  await store.bucket.move('elsewhere', name)
  assert.equal(await readThrough(await hostOf(store.site), media.id, media.specimen), 0)
}

async function run(lab: Lab) {
  const { random, progress } = lab
  const { store } = await StoreSite.open(lab)
  for (const [way, size, aim] of SENT) {
    progress(`${way}, ${size}: ${aim.operation}, sent`)
    const once = few(aim, REQUEST)
    await store.tryUpload({ fault: 'requestTruncatedOnce', way, size, judge: once, seed: newSeed(random) })
    const every = each(aim, REQUEST)
    await store.tryUpload({ fault: 'requestTruncated', way, size, judge: every, seed: newSeed(random) })
  }
  for (const [way, size, aim] of READ) {
    progress(`${way}, ${size}: ${aim.operation}, read`)
    const judge = each(aim, CONTENT)
    await store.tryUpload({ fault: 'contentTruncated', way, size, judge, seed: newSeed(random) })
  }
  for (const size of Object.keys(SIZES) as Size[]) await breakDownload(store, size, newSeed(random))
  await loseObject(store, newSeed(random))
  return store.settle()
}

export const s3Truncated: Scenario = {
  name: 's3-truncated',
  proves:
    'A body that breaks off on its way to the store is sent again; one that breaks off on its way from the store never reaches a client as if it were whole, and a client that goes on by ranges has every byte.',
  deadlineSeconds: 900,
  run,
}
