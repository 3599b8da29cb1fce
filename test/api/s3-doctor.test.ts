import { Readable } from 'node:stream'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { blobKey } from '../../src/platform/storage/key.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { missingCephPrograms, STARTS_WITHIN_MS } from '../support/ceph-rgw.ts'

// Epochs, losses and garbage with a real object store: what test/features/doctor.test.ts does to files in full.

const missing = missingCephPrograms()
if (missing.length > 0) {
  test(`a doctor of a real object store is left out: there is no ${missing.join(', ')} here`, () => undefined)
} else {
  let gateway: TestApp
  beforeAll(async () => {
    gateway = await startApp({}, { store: 's3' })
  }, STARTS_WITHIN_MS)
  afterAll(() => gateway.close())

  test('knows its epoch, loses what is gone, revives what is back, and leaves young garbage', async () => {
    const { doctor, epochs, foundation } = gateway.app
    const { storage, database } = foundation
    for (let i = 0; i < 3; i++) expect(await epochs.begin('default')).toEqual({ state: 'ours' })
    expect(await Array.fromAsync(storage.list('default', 'epoch/'))).toHaveLength(1)
    const bytes = Buffer.from('here and gone')
    const { media } = await gateway.upload({ bytes })
    const [blob] = await database.query<{ key: string }>(`SELECT key FROM blob WHERE state = 'live'`)
    const object = { storeId: 'default', key: blob?.key ?? '' }
    const garbage = { storeId: 'default', key: blobKey(uuid7Maker(() => 1_700_000_000_000)()) }

    await storage.delete(object)
    await storage.write(garbage, Readable.from([Buffer.from('garbage')]))
    const { repaired, findings, lost } = await doctor.repair()
    expect([repaired.map(({ code }) => code), lost]).toEqual([['object-missing'], 1])
    expect(findings).toEqual([
      expect.objectContaining({ code: 'object-without-row', refusal: expect.stringContaining('younger') }),
    ])
    await storage.write(object, Readable.from([bytes]))
    await storage.delete(garbage)
    expect(await doctor.repair()).toMatchObject({
      findings: [],
      repaired: [{ code: 'object-back' }],
      lost: 0,
    })
    expect((await doctor.examine()).checked).toMatchObject({
      blobs: 1,
      objects: 1,
      bytesHashed: bytes.length,
    })
    const id = media.id
    expect(
      await database.query(
        `SELECT 1 FROM media m JOIN blob b ON b.id = m.blob_id AND b.state = 'live' WHERE m.id = $1`,
        [id],
      ),
    ).toHaveLength(1)
  }, 120_000)
}
