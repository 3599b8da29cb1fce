import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { isClamdMissing, startClamd, type TestClamd } from '../support/clamd.ts'
import { eicar } from '../support/eicar.ts'
import { replaceContent } from '../support/replace.ts'
import { scanMedia } from '../support/scan.ts'

// SCAN_INFECTED=delete: what becomes of infected contents.

if (isClamdMissing()) {
  test('the deletion of what is infected is left out: there is no clamd here', () => undefined)
} else {
  let clamd: TestClamd
  let gateway: TestApp
  beforeAll(async () => {
    clamd = await startClamd()
    gateway = await startApp({ CLAMAV_URL: clamd.unix, SCAN_INFECTED: 'delete', TRASH_DAYS: '0' })
  })
  afterAll(async () => {
    await gateway.close()
    await clamd[Symbol.asyncDispose]()
  })

  const upload = async (bytes: Uint8Array): Promise<string> =>
    (await gateway.upload({ bytes, fileName: 'a.txt' }, {}, 'id')).media.id
  const replace = (id: string, bytes: Uint8Array) =>
    replaceContent({ url: gateway.url, authorization: ADMIN }, { bytes, fileName: 'b.txt' }, { id })
  const status = async (id: string, query = '') =>
    (await fetch(`${gateway.url}/media/${id}/content${query}`, { headers: { authorization: ADMIN } })).status
  const sql = <Row>(text: string, values: unknown[]) =>
    gateway.app.foundation.database.query<Row>(text, values)
  const eventsOf = async (id: string) =>
    (await sql<{ type: string }>(`SELECT type FROM outbox WHERE media_id = $1 ORDER BY seq`, [id])).map(
      ({ type }) => type,
    )
  const hold = async (mediaId: string): Promise<string> =>
    (
      await gateway.query(
        `mutation($mediaId: ID!) { applyLegalHold(input: { mediaId: $mediaId, reason: "R" }) { legalHold { id } } }`,
        { mediaId },
      )
    ).applyLegalHold.legalHold.id
  const removalsOf = (id: string) =>
    sql(
      `SELECT principal, details FROM audit_event WHERE subject_id = $1 AND action = 'media.versionRemoved' ORDER BY seq`,
      [id],
    )
  const removed = (contentVersion: number) => ({
    principal: 'gateway',
    details: { contentVersion, scan: 'INFECTED' },
  })
  /** What the hourly jobs do. */
  const sweep = async () => {
    await gateway.app.trash.empty()
    await gateway.app.reaper.run()
  }

  test('an infected media goes to the trash as by anybody, comes back quarantined, and its bytes go with the trash', async () => {
    const before = await gateway.storedNames()
    const id = await upload(eicar())
    expect(await scanMedia(gateway, id)).toMatchObject({ reason: 'infected', stop: 'infected' })
    expect(await status(id)).toBe(404)
    expect(await eventsOf(id)).toEqual(['media.created', 'media.quarantined', 'media.deleted'])
    await scanMedia(gateway, id)
    expect(await eventsOf(id)).toHaveLength(3)

    const restore = `mutation($id: ID!) { restoreMedia(input: { id: $id }) { media { scan } userErrors { code } } }`
    expect((await gateway.query(restore, { id })).restoreMedia.media).toEqual({ scan: 'INFECTED' })
    expect(await status(id)).toBe(403)
    // The next scan finds it again.
    await scanMedia(gateway, id)
    expect(await status(id)).toBe(404)
    await sweep()
    expect(await sql(`SELECT 1 FROM media WHERE id = $1`, [id])).toEqual([])
    expect(await gateway.storedNames()).toEqual(before)
  })

  test('an infected replacement takes the media along, which comes back with all that it had', async () => {
    const id = await upload(Buffer.from('clean'))
    await scanMedia(gateway, id)
    await replace(id, eicar())
    await scanMedia(gateway, id)
    expect([await status(id), await status(id, '?v=1')]).toEqual([404, 404])
    await gateway.query(`mutation($id: ID!) { restoreMedia(input: { id: $id }) { media { id } } }`, { id })
    expect([await status(id), await status(id, '?v=1')]).toEqual([403, 200])
    await replace(id, Buffer.from('clean again'))
    await scanMedia(gateway, id)
    expect([await status(id), await status(id, '?v=2')]).toEqual([200, 403])
  })

  test('an infected content that is replaced already goes for good, and the media stays', async () => {
    const id = await upload(eicar())
    await replace(id, Buffer.from('clean'))
    const before = await gateway.storedNames()
    await scanMedia(gateway, id, 1)
    await scanMedia(gateway, id, 2)
    expect([await status(id), await status(id, '?v=1')]).toEqual([200, 404])
    expect(await removalsOf(id)).toEqual([removed(1)])
    await sweep()
    expect((await gateway.storedNames()).length).toBe(before.length - 1)
    const { media } = await gateway.query(
      `query($id: ID!) { media(id: $id) { scan versions { nodes { contentVersion } } } }`,
      { id },
    )
    expect(media).toEqual({ scan: 'CLEAN', versions: { nodes: [{ contentVersion: 2 }] } })
  })

  test('the removal from a media that lies in the trash is recorded as any other', async () => {
    const id = await upload(eicar())
    await replace(id, Buffer.from('clean'))
    await gateway.query(`mutation($id: ID!) { deleteMedia(input: { id: $id }) { userErrors { code } } }`, {
      id,
    })
    await scanMedia(gateway, id, 1)
    expect(await removalsOf(id)).toEqual([removed(1)])
  })

  test('what is under legal hold is not deleted, and not delivered; after its release the next scan deletes it', async () => {
    const [present, replaced] = [await upload(eicar()), await upload(eicar())]
    await replace(replaced, Buffer.from('clean'))
    const holds = [await hold(present), await hold(replaced)]
    await scanMedia(gateway, present)
    await scanMedia(gateway, replaced, 1)
    await sweep()
    expect([await status(present), await status(replaced, '?v=1')]).toEqual([403, 403])
    for (const id of holds)
      await gateway.query(
        `mutation($id: ID!) { releaseLegalHold(input: { id: $id }) { legalHold { id } } }`,
        {
          id,
        },
      )
    await scanMedia(gateway, present)
    expect(await removalsOf(replaced)).toEqual([])
    await scanMedia(gateway, replaced, 1)
    expect([await status(present), await status(replaced, '?v=1')]).toEqual([404, 404])
    // It was known to be infected.
    expect(await removalsOf(replaced)).toEqual([removed(1)])
  })
}
