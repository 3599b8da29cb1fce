import { ATTEMPTS } from '../../src/features/processing/process.job.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { isClamdMissing, startClamd, type TestClamd } from '../support/clamd.ts'
import { eicar } from '../support/eicar.ts'
import { mend, process } from '../support/processing.ts'
import { scanMedia } from '../support/scan.ts'
import { waysOut } from '../support/ways-out.ts'

// While the scanner is away the policy decides, and nothing is CLEAN.

if (isClamdMissing()) {
  test('scanners that are away are left out: there is no clamd here', () => undefined)
} else {
  let clamd: TestClamd
  let closed: TestApp
  let open: TestApp
  beforeAll(async () => {
    clamd = await startClamd()
    closed = await startApp({ CLAMAV_URL: clamd.tcp })
    open = await startApp({ CLAMAV_URL: clamd.tcp, SCAN_POLICY: 'open' })
  })
  afterAll(async () => {
    await closed.close()
    await open.close()
    await clamd[Symbol.asyncDispose]()
  })

  const upload = async (on: TestApp, bytes: Uint8Array): Promise<string> =>
    (await on.upload({ bytes, fileName: 'a.txt' }, { public: true }, 'id')).media.id
  const scanOf = async (on: TestApp, id: string) =>
    (await on.query(`query($id: ID!) { media(id: $id) { scan scanDetail } }`, { id })).media
  const readiness = async (on: TestApp) => {
    const response = await fetch(`${on.url}/health/ready`)
    return [response.status, await response.json()]
  }
  /** By every way out: the statuses, and the words on caching of what was delivered. */
  const results = async (on: TestApp, id: string) => {
    const taken = await Promise.all((await waysOut(on, id, 1)).map(way => way.take()))
    return {
      statuses: new Set(taken.map(({ status }) => status)),
      caching: new Set(taken.flatMap(({ status, cacheControl }) => (status < 400 && cacheControl) || [])),
    }
  }

  test('closed keeps contents back, open delivers them for this once, and both scan them when it is back', async () => {
    const fine = { status: 'ok', parts: { database: 'ok', storage: 'ok', scanner: 'ok' } }
    expect(await readiness(closed)).toEqual([200, fine])
    await clamd.kill()
    const ids = new Map<TestApp, { clean: string; infected: string }>()
    for (const on of [closed, open])
      ids.set(on, { clean: await upload(on, Buffer.from('clean')), infected: await upload(on, eicar()) })
    const of = (on: TestApp) => ids.get(on) as { clean: string; infected: string }

    for (const state of ['PENDING', 'ERROR']) {
      for (const id of Object.values(of(closed))) {
        expect(await scanOf(closed, id)).toMatchObject({ scan: state })
        expect((await results(closed, id)).statuses).toEqual(new Set([409]))
      }
      for (const id of Object.values(of(open))) {
        expect(await scanOf(open, id)).toMatchObject({ scan: state })
        const { statuses, caching } = await results(open, id)
        expect([...statuses].filter(status => status >= 400)).toEqual([])
        // Whoever kept a copy would have it when the scan has found something.
        expect([...caching]).toEqual(['private, no-store'])
      }
      for (const on of [closed, open])
        for (const id of Object.values(of(on)))
          await expect(scanMedia(on, id)).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' })
    }
    const { scanDetail } = await scanOf(closed, of(closed).clean)
    expect(scanDetail).toBe('The scanner gave no verdict; it is asked again.')

    await clamd.start()
    for (const on of [closed, open]) {
      const { clean, infected } = of(on)
      expect(await scanMedia(on, clean)).toEqual({ state: 'DONE' })
      expect(await scanMedia(on, infected)).toMatchObject({ reason: 'infected' })
      expect(await scanOf(on, clean)).toEqual({ scan: 'CLEAN', scanDetail: null })
      expect([...(await results(on, clean)).statuses].filter(status => status >= 400)).toEqual([])
      expect((await results(on, infected)).statuses).toEqual(new Set([403]))
    }
    const delivered = await fetch(`${open.url}/media/${of(open).clean}/content?v=1`, {
      headers: { authorization: ADMIN },
    })
    expect(delivered.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  test('what was given up while it was away is processed once it is back, after half an hour at the earliest', async () => {
    await clamd.kill()
    const ids = {
      clean: await upload(closed, Buffer.from('given up')),
      infected: await upload(closed, eicar()),
    }
    const stateOf = async (id: string) =>
      (await closed.query(`query($id: ID!) { media(id: $id) { status statusReason scan } }`, { id })).media
    const sql = (text: string) => closed.app.foundation.database.query(text, [Object.values(ids)])
    const minutesPass = (minutes: number) =>
      sql(
        `UPDATE processing_step SET updated_at = updated_at - interval '${minutes} minutes' WHERE media_id = ANY ($1)`,
      )
    const givenUp = { status: 'FAILED', statusReason: 'scan: gave-up', scan: 'ERROR' }
    for (const id of Object.values(ids)) {
      await process(closed, id, ATTEMPTS)
      expect(await stateOf(id)).toEqual(givenUp)
    }
    await minutesPass(20)
    await clamd.start()
    await mend(closed)
    expect(await stateOf(ids.clean)).toEqual(givenUp)
    await clamd.kill()
    await minutesPass(11)
    await mend(closed)
    expect(await stateOf(ids.clean)).toEqual(givenUp)

    await clamd.start()
    await mend(closed)
    for (const id of Object.values(ids)) {
      expect(await stateOf(id)).toEqual({ status: 'PROCESSING', statusReason: null, scan: 'ERROR' })
      await process(closed, id)
    }
    expect(await stateOf(ids.clean)).toEqual({ status: 'COMPLETED', statusReason: null, scan: 'CLEAN' })
    expect(await stateOf(ids.infected)).toMatchObject({ statusReason: 'scan: infected', scan: 'INFECTED' })
    expect((await results(closed, ids.clean)).statuses).not.toContain(409)
    await minutesPass(40)
    await mend(closed)
    expect(await stateOf(ids.infected)).toMatchObject({ status: 'FAILED', statusReason: 'scan: infected' })
  })

  test('readiness names a scanner that is away, and stays ready', async () => {
    await clamd.kill()
    const away = await startApp({ CLAMAV_URL: clamd.tcp, METRICS_TOKEN: 'metrics-token-for-tests' })
    expect(await readiness(away)).toEqual([
      200,
      { status: 'degraded', parts: { database: 'ok', storage: 'ok', scanner: 'failing' } },
    ])
    const id = await upload(away, Buffer.from('x'))
    await expect(scanMedia(away, id)).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' })
    const metrics = await fetch(`${away.url}/metrics`, {
      headers: { authorization: 'Bearer metrics-token-for-tests' },
    })
    expect(await metrics.text()).toMatch(/scan_seconds_count\{result="unavailable"\} 1/)
    await away.close()
    await clamd.start()
  })
}
