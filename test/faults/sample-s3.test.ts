import { missingCephPrograms, type OwnCephRgw, startCephRgw } from '../support/ceph-rgw.ts'
import { createDatabase } from '../support/database.ts'
import { type Random, seededRandom } from './random.ts'
import { all, each, errorIn200, few, SLOW_DOWN } from './s3/judges.ts'
import { STORE_LEASE_SECONDS, StoreSite } from './s3/store-site.ts'
import { killStore } from './scenarios/s3-gateway-killed.ts'
import { LOST } from './scenarios/s3-lost-answers.ts'
import { killProcess } from './scenarios/s3-process-killed.ts'
import { breakDownload } from './scenarios/s3-truncated.ts'
import { Site } from './site.ts'

// One case of each of the scenarios with an S3 store in `npm run test:long`: the built program, a real store, faults in between.

const missing = missingCephPrograms()
/** A store, two kinds of servers, and the other tests beside them may be slow together. */
const SLOW_MS = 150_000

if (missing.length > 0) {
  test(`faults of a real object store are left out: there is no ${missing.join(', ')} here`, () => undefined)
} else {
  const opened = new AsyncDisposableStack()
  const random: Random = seededRandom(9)
  let rgw: OwnCephRgw
  let store: StoreSite

  beforeAll(async () => {
    const { url } = opened.adopt(await createDatabase(), database => database.drop())
    rgw = opened.use(await startCephRgw())
    const newSite = async (environment: Record<string, string>) =>
      opened.use(await Site.create({ ...environment, DATABASE_URL: url }))
    store = await StoreSite.create(rgw, { newSite, opened })
    await store.site.start()
  }, 180_000)
  afterAll(() => opened.disposeAsync())

  const inParts = { way: 'multipart', size: 'medium' } as const
  const complete = { operation: 'CompleteMultipartUpload' } as const

  test(
    'an answer that is lost when an upload begins leaves no upload that nobody knows',
    async () => {
      const judge = few({ operation: 'CreateMultipartUpload' }, LOST)
      await store.tryUpload({ ...inParts, fault: 'answerLostOnce', judge, seed: 10 })
    },
    SLOW_MS,
  )

  test.each([
    [false, 'unreadableIn200'],
    [true, 'errorIn200Done'],
  ] as const)(
    'an error within a 200 is no success, where it is done (%s) is one',
    async (isDone, fault) => {
      const judge = each(complete, errorIn200({ isDone, isLineEnded: true }))
      await store.tryUpload({ ...inParts, fault, judge, seed: isDone ? 11 : 12 })
    },
    SLOW_MS,
  )

  test(
    'a store that wants to be left alone is, and the upload is made afterwards',
    async () => {
      const trial = { way: 'PUT', size: 'small', seed: 13 } as const
      await store.tryUpload({ ...trial, fault: 'slowDownAll', judge: all(SLOW_DOWN) })
    },
    SLOW_MS,
  )

  test(
    'a store that is silent for longer than a lease is waited for',
    async () => {
      const stall = { do: 'stall', at: 'answer', ms: (STORE_LEASE_SECONDS + 1) * 1_000 } as const
      const judge = few({ operation: 'CreateMultipartUpload' }, stall)
      await store.tryUpload({ way: 'tus', size: 'medium', fault: 'stall', judge, seed: 14 })
    },
    SLOW_MS,
  )

  test(
    'a body that the store breaks off never looks whole, and a client that goes on has it all',
    async () => {
      await breakDownload(store, 'medium', 15)
    },
    SLOW_MS,
  )

  test(
    'the gateway of the store is killed while a part is sent',
    async () => {
      const media = await store.stored(16, 'medium')
      const moment = { ...inParts, aim: { operation: 'UploadPart' }, from: 2, at: 'request' } as const
      await killStore({ store, rgw }, moment, { random, media })
    },
    SLOW_MS,
  )

  test(
    'the media gateway is killed while a resumable upload is sent',
    async () => {
      const aim = { operation: 'UploadPart' } as const
      await killProcess(store, { way: 'tus', size: 'medium', aim, from: 2, at: 'request' }, random)
    },
    SLOW_MS,
  )

  test(
    'after all that the doctor finds nothing, and nothing in the bucket is unfinished',
    async () => {
      await store.settle()
    },
    SLOW_MS,
  )
}
