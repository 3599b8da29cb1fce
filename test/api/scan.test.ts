import { Quarantine } from '../../src/features/scan/quarantine.ts'
import { ScanResults } from '../../src/features/scan/scan-results.ts'
import { Outbox } from '../../src/platform/events/outbox.ts'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { isClamdMissing, SIGNATURE, startClamd, type TestClamd } from '../support/clamd.ts'
import { eicar } from '../support/eicar.ts'
import { fixture } from '../support/fixtures.ts'
import { process } from '../support/processing.ts'
import { replaceContent } from '../support/replace.ts'
import { contentOf, scanMedia } from '../support/scan.ts'
import { waysOut } from '../support/ways-out.ts'

if (isClamdMissing()) {
  test('what scans decide is left out: there is no clamd here', () => undefined)
} else {
  let clamd: TestClamd
  let gateway: TestApp
  beforeAll(async () => {
    clamd = await startClamd({ StreamMaxLength: '1M' })
    gateway = await startApp({ CLAMAV_URL: clamd.unix, METRICS_TOKEN: 'metrics-token-for-tests' })
  })
  afterAll(async () => {
    await gateway.close()
    await clamd[Symbol.asyncDispose]()
  })

  let made = 0
  const clean = () => Buffer.from(`clean ${made++}`)
  const upload = async (bytes: Uint8Array, input: object = {}, on: TestApp = gateway): Promise<string> => {
    const { media, userErrors } = await on.upload({ bytes, fileName: 'a.txt' }, { ...input }, 'id')
    expect(userErrors).toEqual([])
    return media.id
  }
  const replace = (id: string, bytes: Uint8Array, on: TestApp = gateway) =>
    replaceContent({ url: on.url, authorization: ADMIN }, { bytes, fileName: 'b.txt' }, { id })
  const get = (
    id: string,
    query = '',
    { on = gateway as { url: string }, as = ADMIN as string | null } = {},
  ) => fetch(`${on.url}/media/${id}/content${query}`, { headers: as === null ? {} : { authorization: as } })
  const status = async (...wanted: Parameters<typeof get>) => (await get(...wanted)).status
  const read = async (id: string, on: TestApp = gateway) =>
    (await on.query(`query($id: ID!) { media(id: $id) { scan scanDetail revision } }`, { id })).media
  const eventsOf = async (id: string, on: TestApp = gateway) => {
    const events = await on.app.foundation.database.query<{ type: string }>(
      `SELECT type FROM outbox WHERE media_id = $1 ORDER BY seq`,
      [id],
    )
    return events.map(({ type }) => type)
  }

  describe('in the pipeline', () => {
    const STATE = `query($id: ID!) { media(id: $id) { status statusReason scan processing { name state reason } thumbnailUrl } }`
    const stateOf = async (id: string) => (await gateway.query(STATE, { id })).media

    test('a picture is scanned before anything looks into it, and then all of it is known', async () => {
      const id = await upload(fixture('photo.png').bytes())
      expect(await status(id)).toBe(409)
      await process(gateway, id)
      expect(await stateOf(id)).toMatchObject({
        status: 'COMPLETED',
        scan: 'CLEAN',
        processing: [
          { name: 'SCAN', state: 'DONE' },
          { name: 'PROBE', state: 'DONE' },
          { name: 'PREVIEW', state: 'DONE' },
        ],
      })
      expect(await status(id)).toBe(200)
    })

    test('what is infected is looked into by nobody, and neither it nor a picture of it is shown', async () => {
      const id = await upload(Buffer.concat([fixture('photo.png').bytes(), eicar()]))
      await process(gateway, id)
      const { thumbnailUrl, ...state } = await stateOf(id)
      expect(state).toEqual({
        status: 'FAILED',
        statusReason: 'scan: infected',
        scan: 'INFECTED',
        processing: [
          { name: 'SCAN', state: 'FAILED', reason: 'infected' },
          { name: 'PROBE', state: 'SKIPPED', reason: 'infected' },
          { name: 'PREVIEW', state: 'SKIPPED', reason: 'infected' },
        ],
      })
      expect(await status(id)).toBe(403)
      expect((await fetch(thumbnailUrl)).status).toBe(403)
    })
  })

  test('what waits is told when to ask again; what cannot be scanned is not, and says why', async () => {
    const id = await upload(Buffer.alloc(3 * 2 ** 20, 'a'))
    const waiting = await get(id)
    expect([
      waiting.status,
      waiting.headers.get('retry-after'),
      waiting.headers.get('cache-control'),
    ]).toEqual([409, '5', 'no-store'])
    expect(await scanMedia(gateway, id)).toEqual({
      state: 'FAILED',
      reason: 'too-large',
      detail: 'INSTREAM size limit exceeded. ERROR',
      stop: 'too-large',
    })
    expect(await read(id)).toMatchObject({ scan: 'ERROR', scanDetail: expect.stringMatching(/^too-large: /) })
    const refused = await get(id)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([409, null])
  })

  test('what is larger than SCAN_MAX_BYTES is not sent to the scanner, and an open gateway delivers it', async () => {
    const open = await startApp({
      CLAMAV_URL: 'tcp://127.0.0.1:1',
      SCAN_POLICY: 'open',
      SCAN_MAX_BYTES: '10',
    })
    const id = await upload(Buffer.from('eleven byte'), {}, open)
    expect(await scanMedia(open, id)).toEqual({
      state: 'FAILED',
      reason: 'too-large',
      detail: '11 bytes; contents of at most 10 are scanned',
    })
    expect(await status(id, '', { on: open })).toBe(200)
    // What was found before stands, and nothing opens it.
    await open.app.foundation.database.query(
      `UPDATE media_version SET scan = 'INFECTED' WHERE media_id = $1`,
      [id],
    )
    expect(await scanMedia(open, id)).toMatchObject({ reason: 'too-large', stop: 'infected' })
    expect(await status(id, '', { on: open })).toBe(403)
    const small = await upload(Buffer.from('ten  bytes'), {}, open)
    await expect(scanMedia(open, small)).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' })
    await open.close()
  })

  test('a revision outlasts a scan: who has just uploaded a media may still change it', async () => {
    const id = await upload(clean())
    const { revision } = await read(id)
    await scanMedia(gateway, id)
    const { updateMedia } = await gateway.query(
      `mutation($input: UpdateMediaInput!) { updateMedia(input: $input) { media { title } userErrors { code } } }`,
      { input: { id, ifMatch: revision, title: 'T' } },
    )
    expect(updateMedia).toEqual({ media: { title: 'T' }, userErrors: [] })
  })

  describe('each content has a scan of its own:', () => {
    test('an infected replacement is refused, and what it replaced is not', async () => {
      const id = await upload(clean())
      await scanMedia(gateway, id)
      await replace(id, eicar())
      expect([await status(id), await status(id, '?v=1')]).toEqual([409, 200])
      await scanMedia(gateway, id)
      expect([await status(id), await status(id, '?v=1'), await status(id, '?v=2')]).toEqual([403, 200, 403])
      expect(await read(id)).toMatchObject({ scan: 'INFECTED', scanDetail: SIGNATURE })
      for (const way of await waysOut(gateway, id, 1)) expect((await way.take()).status).toBeLessThan(400)
    })

    test('an infected content that was replaced stays refused, and says nothing of the present one', async () => {
      const id = await upload(eicar())
      await replace(id, clean())
      await scanMedia(gateway, id, 2)
      await scanMedia(gateway, id, 1)
      expect(await read(id)).toMatchObject({ scan: 'CLEAN', scanDetail: null })
      expect([await status(id), await status(id, '?v=2'), await status(id, '?v=1')]).toEqual([200, 200, 403])
      for (const way of await waysOut(gateway, id, 1)) {
        const taken = await way.take()
        expect([way.name, taken.status]).toEqual([way.name, 403])
        expect(taken.body.includes(eicar())).toBe(false)
      }
    })

    test('a replacement waits for its own, however clean the media was', async () => {
      const id = await upload(clean())
      await scanMedia(gateway, id)
      await replace(id, clean())
      expect(await read(id)).toMatchObject({ scan: 'PENDING', scanDetail: null })
      expect(await status(id)).toBe(409)
    })
  })

  test('a quarantine is told once, by an event, however often it is found', async () => {
    const id = await upload(eicar())
    await scanMedia(gateway, id)
    await scanMedia(gateway, id)
    expect(await eventsOf(id)).toEqual(['media.created', 'media.quarantined'])
  })

  test('the log names what was found, and where, but no file name', async () => {
    const id = await upload(eicar())
    await scanMedia(gateway, id)
    const lines = gateway.log.filter(({ mediaId }) => mediaId === id)
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        contentVersion: 1,
        found: SIGNATURE,
        msg: 'a content is infected',
      }),
    ])
    expect(JSON.stringify(lines)).not.toContain('a.txt')
  })

  test('of what is in the trash nobody is told, and it comes back quarantined', async () => {
    const id = await upload(eicar())
    await gateway.query(`mutation($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, { id })
    await scanMedia(gateway, id)
    await gateway.query(`mutation($id: ID!) { restoreMedia(input: { id: $id }) { media { id } } }`, { id })
    expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted', 'media.restored'])
    expect(await status(id)).toBe(403)
  })

  test('a content that is gone when its scan ends is no trouble', async () => {
    const id = await upload(eicar())
    const content = await contentOf(gateway, id)
    const [step] = gateway.app.steps
    const gone = { ...content, contentVersion: 7 }
    const never = { ...content, mediaId: '01890000-0000-7000-8000-000000000000' }
    for (const ref of [gone, never])
      expect(await step?.run(ref, new AbortController().signal)).toMatchObject({ reason: 'infected' })
    expect(await read(id)).toMatchObject({ scan: 'PENDING' })
  })

  describe('what takes the place of what is known', () => {
    const passing = { state: 'ERROR', detail: 'away', isPassing: true } as const
    const failed = { state: 'ERROR', detail: 'why' } as const
    test.each([
      ['PENDING', passing, 'ERROR'],
      ['NOT_CONFIGURED', passing, 'ERROR'],
      ['ERROR', passing, 'ERROR'],
      ['CLEAN', passing, 'CLEAN'],
      ['INFECTED', passing, 'INFECTED'],
      ['CLEAN', failed, 'ERROR'],
      ['INFECTED', failed, 'INFECTED'],
      ['INFECTED', { state: 'CLEAN', detail: null }, 'CLEAN'],
      ['CLEAN', { state: 'INFECTED', detail: 'X' }, 'INFECTED'],
    ] as const)('%s, then %o, is %s', async (before, result, after) => {
      const { database } = gateway.app.foundation
      const id = await upload(clean())
      await database.query(
        `WITH v AS (UPDATE media_version SET scan = $2 WHERE media_id = $1) UPDATE media SET scan = $2 WHERE id = $1`,
        [id, before],
      )
      const quarantine = new Quarantine({ writer: { write: async () => new Map() }, infected: 'keep' })
      const results = new ScanResults({ database, outbox: new Outbox({ newId: uuid7Maker() }), quarantine })
      await results.write({ mediaId: id, contentVersion: 1 }, result)
      expect((await read(id)).scan).toBe(after)
    })
  })

  test('what came before there was a scanner is delivered, until somebody has it scanned', async () => {
    const before = await startApp()
    const ids = [await upload(eicar(), {}, before), await upload(clean(), {}, before)]
    expect(await read(ids[0] ?? '', before)).toMatchObject({ scan: 'NOT_CONFIGURED', scanDetail: null })
    const after = await before.beside({ CLAMAV_URL: clamd.tcp })
    for (const id of ids) expect(await status(id, '', { on: after })).toBe(200)
    // A gateway whose scanner was taken away keeps nothing back but what was found.
    const sql = (scan: string) =>
      before.app.foundation.database.query(`UPDATE media_version SET scan = $1`, [scan])
    for (const [scan, there, here] of [
      ['PENDING', 409, 200],
      ['ERROR', 409, 200],
      ['INFECTED', 403, 403],
      ['CLEAN', 200, 200],
    ] as const) {
      await sql(scan)
      expect([scan, await status(ids[0] ?? '', '', { on: after })]).toEqual([scan, there])
      expect([scan, await status(ids[0] ?? '', '', { on: before })]).toEqual([scan, here])
    }
    await after.close()
    await before.close()
  })

  test('other accounts are told nothing of it, and whom a public media is for gets no infected one either', async () => {
    const [own, open] = [await upload(eicar()), await upload(eicar(), { public: true })]
    for (const id of [own, open]) await scanMedia(gateway, id)
    const codeFor = async (id: string, as: string | null) =>
      ((await (await get(id, '', { as })).json()) as { error: { code: string } }).error.code
    expect(await codeFor(own, FOREIGN)).toBe('NOT_FOUND')
    expect(await codeFor(own, null)).toBe('NOT_FOUND')
    expect(await codeFor(open, null)).toBe('CONTENT_QUARANTINED')
    const infected = `{ mediaItems(first: 100, filter: { scan: [INFECTED, ERROR] }) { nodes { id scan } } }`
    const { mediaItems } = await gateway.query(infected)
    expect(mediaItems.nodes).toContainEqual({ id: own, scan: 'INFECTED' })
    expect(new Set(mediaItems.nodes.map(({ scan }: { scan: string }) => scan))).toEqual(
      new Set(['INFECTED', 'ERROR']),
    )
    expect((await gateway.as(FOREIGN).query(infected)).mediaItems.nodes).toEqual([])
  })

  test('who uploads the same again and takes what is there gets the quarantined media, and not its bytes', async () => {
    const id = await upload(Buffer.concat([eicar(), Buffer.from('twice')]))
    await scanMedia(gateway, id)
    const again = await upload(Buffer.concat([eicar(), Buffer.from('twice')]), {
      onDuplicate: 'RETURN_EXISTING',
    })
    expect(again).toBe(id)
    expect(await status(again)).toBe(403)
  })

  test('a scanner that does not say when it stops at a limit is told of in the log, once, and no other is', async () => {
    const silent = await startClamd({ AlertExceedsMax: 'no', MaxRecursion: '100' })
    const beside = await startApp({ CLAMAV_URL: silent.tcp })
    for (let i = 0; i < 2; i++) await scanMedia(beside, await upload(clean(), {}, beside))
    const warnings = (on: TestApp) => on.log.filter(({ msg }) => /AlertExceedsMax/.test(String(msg)))
    expect([warnings(beside).length, warnings(gateway).length]).toEqual([1, 0])
    await beside.close()
    await silent[Symbol.asyncDispose]()
  })

  test('results are counted with their seconds', async () => {
    const response = await fetch(`${gateway.url}/metrics`, {
      headers: { authorization: 'Bearer metrics-token-for-tests' },
    })
    const text = await response.text()
    for (const result of ['clean', 'infected', 'error'])
      expect(text).toMatch(new RegExp(`scan_seconds_count\\{result="${result}"\\} [1-9]`))
  })
}
