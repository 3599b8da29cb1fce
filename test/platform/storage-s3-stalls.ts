import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { StorageDriver } from '../../src/platform/storage/driver.ts'
import { openS3Driver } from '../../src/platform/storage/drivers/s3.ts'
import { s3Options } from '../../src/platform/storage/drivers/s3-url.ts'
import { all, bodyOf, freshKey } from '../../src/platform/storage/suite/store-under-test.ts'
import { type BreakableLine, breakableLine } from '../clients/breakable-line.ts'
import type { CephRgw } from '../support/ceph-rgw.ts'
import { type S3Store, s3Store } from './storage-s3-store.ts'

const IMPATIENT = { requestMs: 300, silenceMs: 300 }
/** Of whom an answer is waited for: a store on a busy machine takes its time, too. */
const PATIENT = { requestMs: 20_000, silenceMs: 1_000 }

/** What a store over a network does that is there and says nothing more. */
export function describeS3Stalls(rgw: () => CephRgw): void {
  describe('that falls silent', () => {
    let store: S3Store
    let line: BreakableLine
    let driver: StorageDriver
    const through = (patience: typeof PATIENT) =>
      openS3Driver(s3Options(store.url.replace(rgw().endpoint, line.url)), patience)

    beforeEach(async () => {
      store = await s3Store(rgw())
      line = await breakableLine(rgw().endpoint)
      driver = await through(PATIENT)
    })
    afterEach(async () => {
      await driver.close()
      await line[Symbol.asyncDispose]()
      await store.dispose()
    })

    it.each<[string, (driver: StorageDriver, key: ReturnType<typeof freshKey>) => Promise<unknown>]>([
      ['stat', (driver, key) => driver.stat(key)],
      ['read', (driver, key) => driver.read(key)],
      ['a listing', driver => all(driver.list(''))],
      ['a deletion', (driver, key) => driver.delete(key)],
      ['a small write', (driver, key) => driver.write(key, bodyOf(Buffer.from('x')), {})],
      ['the beginning of an upload', async (driver, key) => driver.resumable?.begin(key, {})],
    ])(
      'gives up %s that gets no answer',
      async (_name, call) => {
        const impatient = await through(IMPATIENT)
        line.fallSilent()
        await expect(call(impatient, freshKey())).rejects.toMatchObject({ name: 'TimeoutError' })
        await impatient.close()
      },
      60_000,
    )

    it('gives up an append whose store falls silent, and tells the offset when it is back', async () => {
      const writes = store.driver.resumable as NonNullable<StorageDriver['resumable']>
      const handle = await writes.begin(freshKey(), {})
      await writes.append(handle, 0, bodyOf(Buffer.from('kept')))
      const impatient = await through(IMPATIENT)
      line.fallSilent()
      await expect(impatient.resumable?.append(handle, 4, bodyOf(Buffer.from('lost')))).rejects.toMatchObject(
        {
          name: 'TimeoutError',
        },
      )
      await impatient.close()
      expect(await writes.offset(handle)).toBe(4)
      await writes.abort(handle)
    }, 60_000)

    it('ends a body that stalls in the middle', async () => {
      const key = freshKey()
      await store.driver.write(key, bodyOf(randomBytes(6_000_000)), {})
      line.fallSilent(2_000_000)
      const stream = await driver.read(key)
      await expect(stream?.toArray()).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    }, 60_000)

    it('ends a listing that stalls in the middle', async () => {
      for (let i = 0; i < 40; i++) await store.driver.write(freshKey(), bodyOf(Buffer.from('x')), {})
      // It is asked for again, and then there is no answer at all.
      const less = await through({ ...PATIENT, requestMs: 3_000 })
      line.fallSilent(4_000)
      await expect(all(less.list(''))).rejects.toMatchObject({ code: 'ETIMEDOUT' })
      await less.close()
    }, 60_000)

    it('waits for a reader that takes its time', async () => {
      const key = freshKey()
      const bytes = randomBytes(6_000_000)
      await store.driver.write(key, bodyOf(bytes), {})
      const taken: Buffer[] = []
      for await (const chunk of (await driver.read(key)) ?? []) {
        // That nothing happens takes its time to be seen.
        if (taken.length === 3) await delay(PATIENT.silenceMs * 3)
        taken.push(Buffer.from(chunk))
      }
      expect(Buffer.compare(Buffer.concat(taken), bytes)).toBe(0)
      // The bytes are here, and nothing more can come.
      const small = freshKey()
      await store.driver.write(small, bodyOf(Buffer.from('small')), {})
      const waiting = await driver.read(small)
      await delay(PATIENT.silenceMs * 3)
      expect(Buffer.concat((await waiting?.toArray()) ?? []).toString()).toBe('small')
    }, 60_000)
  })
}
