import type { Page as Tab } from 'playwright-core'
import { Nodes } from '../support/nodes.ts'
import { findChromium, launch, servePage } from './browser-site.ts'
import { MB, SpecimenFile, ticketDoor } from './tus-site.ts'
import type { UppyPage } from './uppy-page.ts'

const SIZE_MB = 300

// Uppy in a browser, on a page of another origin than the gateway's, with nothing but a ticket.

const chromium = await findChromium()
if (!chromium && process.env.CI) throw new Error('CI needs Chromium: .ci/run installs it.')
if (!chromium)
  process.stderr.write('Left out for want of Chromium: Uppy in a browser (test/clients/uppy.test.ts).\n')
const inBrowser = chromium ? test : test.skip

type Global = typeof globalThis & { uppy: UppyPage }

/** Resolves when the page has sent so many bytes, in all. */
const sent = (tab: Tab, bytes: number) =>
  tab.waitForFunction(
    least => {
      const { state } = (globalThis as Global).uppy
      return state.sent >= least || state.outcome !== 'none'
    },
    bytes,
    { timeout: 120_000 },
  )

inBrowser(
  `${SIZE_MB} MB in four parts at once survive a pause, a page that is loaded anew, and a gateway that is killed`,
  async () => {
    await using opened = new AsyncDisposableStack()
    const { origin } = opened.use(await servePage('uppy-page.ts'))
    const file = opened.use(await SpecimenFile.write(4, SIZE_MB * MB))
    const nodes = opened.use(await Nodes.open({ CORS_ORIGINS: origin }))
    const gateway = await nodes.start('gateway')
    const door = await ticketDoor(gateway.origin)
    const browser = opened.adopt(await launch(chromium ?? ''), it => it.close())
    const tab = await browser.newPage()
    const created: string[] = []
    tab.on('request', request => {
      if (request.method() === 'POST') created.push(request.headers()['upload-concat'] ?? 'whole')
    })
    const refused: string[] = []
    tab.on('response', answer => {
      if (answer.status() >= 400) refused.push(`${answer.request().method()} ${answer.status()}`)
    })
    const begin = async () => {
      await tab.setInputFiles('input', file.path)
      await tab.evaluate(endpoint => (globalThis as Global).uppy.begin(endpoint), door.endpoint)
    }

    await tab.goto(origin)
    let begun = 0
    const underWay = tab.waitForEvent('request', request => request.method() === 'PATCH' && ++begun === 4)
    await begin()
    await underWay
    await sent(tab, (SIZE_MB * MB) / 8)
    let ended = 0
    const paused = tab.waitForEvent('requestfailed', () => ++ended === 4)
    await tab.evaluate(() => (globalThis as Global).uppy.pause())
    await paused
    await tab.evaluate(() => (globalThis as Global).uppy.resume())
    await sent(tab, (SIZE_MB * MB) / 4)
    expect(created).toEqual(Array(4).fill('partial'))

    await tab.reload()
    await begin()
    await sent(tab, (SIZE_MB * MB) / 2)
    expect(refused).toEqual([])
    await nodes.kill(gateway)
    await nodes.restart(gateway)
    await tab.waitForFunction(() => (globalThis as Global).uppy.state.outcome !== 'none', null, {
      timeout: 120_000,
    })
    expect(await tab.evaluate(() => (globalThis as Global).uppy.state.outcome)).toBe('complete')
    // The parts were found again by what the page had kept of them.
    expect(created.filter(kind => kind === 'partial')).toHaveLength(4)
    expect(created.at(-1)).toMatch(/^final;/)
    expect(await door.sha256(undefined)).toBe(file.specimen.sha256)
  },
  300_000,
)
