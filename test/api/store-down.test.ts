import { DOORS } from '../doors/doors.ts'
import { type OpenSite, startSite } from '../doors/start-site.ts'
import { failingDriver, StoreFaults } from '../faults/store/failing-driver.ts'
import { ADMIN, type TestApp } from '../support/app.ts'
import { put, ticketFor } from '../support/tickets.ts'
import { TusByHand } from '../support/tus.ts'

const faults = { default: new StoreFaults(), archive: new StoreFaults() }
type StoreName = keyof typeof faults

let site: OpenSite
let gateway: TestApp
/** A media whose bytes lie in each store. */
let lies: Record<StoreName, string>

beforeAll(async () => {
  site = await startSite(
    { STORES: 'archive=memory:', STORES_OFFERED: 'archive' },
    { wrapStore: (driver, storeId) => failingDriver(driver, faults[storeId as StoreName]) },
  )
  gateway = site.gateway
  lies = { default: await mediaOf('here'), archive: await mediaOf('there', 'archive') }
})
afterAll(() => site.close())
afterEach(async () => {
  for (const name of ['default', 'archive'] as const) {
    faults[name].plan(null)
    // As readiness does.
    await gateway.app.foundation.storage.check(name)
  }
})

const away = (name: StoreName) => faults[name].plan({ at: 1, way: 'from then on' })

async function mediaOf(text: string, storeId?: StoreName): Promise<string> {
  const { media } = await gateway.upload({ bytes: Buffer.from(text), fileName: `${text}.txt` }, { storeId })
  return media.id
}

const download = async (id: string) => {
  const answer = await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() }
}

const readiness = async () => {
  // An answer of the second before is good for others, and not for a test.
  const fresh = await gateway.beside()
  const answer = await fetch(`${fresh.url}/health/ready`)
  const body = await answer.json()
  await fresh.close()
  return { status: answer.status, body }
}

const REFUSED = { status: 503, retryAfter: expect.stringMatching(/^[1-9]\d*$/) }

describe('a store that is down', () => {
  test('gives 503 and Retry-After for its media; those of another store are delivered', async () => {
    away('default')
    expect(await download(lies.default)).toMatchObject(REFUSED)
    expect(await download(lies.archive)).toMatchObject({ status: 200, text: 'there' })
    faults.default.plan(null)
    away('archive')
    expect(await download(lies.archive)).toMatchObject(REFUSED)
  })

  test.each(DOORS.filter(({ name, makes }) => makes === 'media' && !name.includes('import')))(
    'refuses an upload as what it is: $name',
    async door => {
      away('default')
      const { refusal } = await door.send(site, { bytes: Buffer.alloc(100_000, 'x'), fileName: 'x.txt' })
      expect(refusal).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    },
  )

  test('tells who uploads when to come again', async () => {
    const ticket = await ticketFor(gateway, {})
    const tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
    const begun = await tus.create(4)
    away('default')
    const answered = await fetch(ticket.putUrl, { method: 'PUT', body: 'some' })
    const created = await tus.send('POST', tus.endpoint, { headers: { 'upload-length': '4' } })
    const patched = await tus.patch(begun, 0, { body: 'some' })
    expect({ status: answered.status, retryAfter: answered.headers.get('retry-after') }).toEqual(REFUSED)
    for (const { status, headers } of [created, patched])
      expect({ status, retryAfter: headers['retry-after'] }).toEqual(REFUSED)
  })

  test('leaves nothing of the uploads that it refused when it is back', async () => {
    const { database } = gateway.app.foundation
    const waiting = async () => {
      const [row] = await database.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM blob WHERE state <> 'live' AND lease_until IS DISTINCT FROM NULL
           AND NOT EXISTS (SELECT FROM tus_upload u WHERE u.blob_id = blob.id)`,
      )
      return row?.n
    }
    const ticket = await ticketFor(gateway, {})
    away('default')
    for (let i = 0; i < 8; i++)
      expect((await put(ticket.putUrl, Buffer.from('some'))).body.error.code).toBe('STORAGE_UNAVAILABLE')
    expect(gateway.app.foundation.storage.stateOf('default')).toBe('open')
    // While it is away nobody asks it in vain.
    expect(await gateway.app.reaper.run()).toMatchObject({ removed: 0, failed: 0 })
    faults.default.plan(null)
    await gateway.app.foundation.storage.check('default')
    await database.query(`UPDATE blob SET lease_until = NULL WHERE state = 'doomed'`)
    await gateway.app.reaper.run()
    expect(await waiting()).toBe(0)
    expect((await put(ticket.putUrl, Buffer.from('some'))).status).toBe(201)
  })

  test('is no matter to lists, changes, collections, deletions and restoring', async () => {
    const doomed = await mediaOf(`gone ${Date.now()}`)
    away('default')
    away('archive')
    const { mediaItems } = await gateway.query('{ mediaItems { nodes { id name size } } }')
    expect(mediaItems.nodes.length).toBeGreaterThan(2)
    const { updateMedia } = await gateway.query(
      'mutation ($id: ID!) { updateMedia(input: { id: $id, title: "changed" }) { media { title } userErrors { code } } }',
      { id: lies.default },
    )
    expect(updateMedia).toMatchObject({ media: { title: 'changed' }, userErrors: [] })
    const { createCollection } = await gateway.query(
      'mutation { createCollection(input: { name: "during the fault" }) { collection { name } userErrors { code } } }',
    )
    expect(createCollection.userErrors).toEqual([])
    for (const mutation of ['deleteMedia', 'restoreMedia']) {
      const answer = await gateway.query(
        `mutation ($id: ID!) { ${mutation}(input: { id: $id }) { userErrors { code } } }`,
        { id: doomed },
      )
      expect(answer[mutation]).toEqual({ userErrors: [] })
    }
    const head = await fetch(`${gateway.url}/media/${lies.default}/content`, {
      method: 'HEAD',
      headers: { authorization: ADMIN },
    })
    expect(head.status).toBe(200)
  })

  test('costs nobody a download of the few that there are', async () => {
    const { createShareLink } = await gateway.query(
      `mutation ($id: ID!) { createShareLink(input: { mediaId: $id, maxDownloads: 1 }) { url userErrors { code } } }`,
      { id: lies.default },
    )
    away('default')
    for (let i = 0; i < 3; i++) expect((await fetch(createShareLink.url)).status).toBe(503)
    faults.default.plan(null)
    await gateway.app.foundation.storage.check('default')
    const answer = await fetch(createShareLink.url)
    expect([answer.status, await answer.text()]).toEqual([200, 'here'])
    expect((await fetch(createShareLink.url)).status).not.toBe(200)
  })
})

describe('readiness', () => {
  test.each([
    [[], 200, { status: 'ok', parts: { database: 'ok', storage: 'ok', 'storage:archive': 'ok' } }],
    [
      ['archive'],
      200,
      { status: 'degraded', parts: { database: 'ok', storage: 'ok', 'storage:archive': 'failing' } },
    ],
    [
      ['default'],
      503,
      { status: 'failing', parts: { database: 'ok', storage: 'failing', 'storage:archive': 'ok' } },
    ],
  ] as const)('says which store is down: %j', async (down, status, body) => {
    for (const name of down) away(name)
    expect(await readiness()).toEqual({ status, body })
  })
})
