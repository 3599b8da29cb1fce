import { createDatabase } from '../support/database.ts'
import { audit } from './audit.ts'
import type { Environment } from './gateway-process.ts'
import { PgProxy } from './pg-proxy.ts'
import { seededRandom } from './random.ts'
import { ABORTING, abortUploads } from './scenarios/aborted-uploads.ts'
import { loseCommit, MAKES_MEDIA } from './scenarios/commit-lost.ts'
import { killReplacement } from './scenarios/killed-replacements.ts'
import { KILLED_UPLOADS, killAndResume } from './scenarios/killed-tickets-and-tus.ts'
import { killUpload, restartAndAudit } from './scenarios/named-points.ts'
import { killAndRepeat } from './scenarios/repeated-uploads.ts'
import { pauseUpload } from './scenarios/stopped-uploads.ts'
import { Site } from './site.ts'

// A few of the cases of `npm run test:long`, which proves the rest: the built program, broken from outside.

let opened: AsyncDisposableStack
let url: string
beforeEach(async () => {
  opened = new AsyncDisposableStack()
  url = opened.adopt(await createDatabase(), database => database.drop()).url
})
afterEach(() => opened.disposeAsync())

const newSite = async (databaseUrl: string, environment: Environment = {}) =>
  opened.use(await Site.create({ DATABASE_URL: databaseUrl, ...environment }))

test('kill -9 while bytes stream leaves nothing', async () => {
  const site = await newSite(url)
  await killUpload(site, 'U2.bytes', 1)
  // Removed by the audit's reaper, or by the gateway's own, whichever comes first: the audit finds nothing left.
  expect(await restartAndAudit(site)).toMatchObject({ acknowledged: 0, whole: 0 })
})

test('kill -9 between the commit and its answer leaves the whole upload', async () => {
  const site = await newSite(url)
  await killUpload(site, 'U4.afterCommit', 2)
  expect(await restartAndAudit(site)).toEqual({ acknowledged: 0, whole: 1, removed: 0 })
})

test.each(['cut', 'cutAfter'] as const)(
  'a COMMIT whose answer is lost (%s) is found out, and acknowledged once',
  async how => {
    const proxy = opened.use(await PgProxy.open(url))
    const site = await newSite(proxy.url)
    await site.start()
    expect(await loseCommit(site, proxy, 3, { of: MAKES_MEDIA, how })).toMatchObject({ kind: 'acknowledged' })
    expect(await audit(site)).toMatchObject({ acknowledged: 1, whole: 0 })
  },
)

test('a gateway that is stopped beyond the lease cannot commit when it goes on', async () => {
  const site = await newSite(url)
  await pauseUpload(site, 'U3.beforeStat', 4)
})

test.each([
  ['U4.beforeCommit', false],
  ['U4.afterCommit', true],
] as const)('a keyed upload that is killed at %s and repeated makes one media', async (point, isMade) => {
  expect(await killAndRepeat(await newSite(url), point, 5)).toBe(isMade)
})

test.each([
  ['U4.beforeCommit', false],
  ['U4.afterCommit', true],
] as const)('a replacement that is killed at %s leaves one whole content', async (point, isNew) => {
  expect(await killReplacement(await newSite(url), point, 6)).toBe(isNew)
})

test.each([
  ['PUT for a ticket', 'T3.received'],
  ['tus with checksums, bytes spoilt on the way', 'T1.beforeCompare@1500000'],
  ['tus in parts, while they are joined', 'U3.done'],
] as const)(
  '%s, killed at %s, goes on and makes one media',
  async (way, point) => {
    const site = await newSite(url, KILLED_UPLOADS)
    await killAndResume(site, way, { point, seed: 7 })
    expect(await audit(site)).toMatchObject({ acknowledged: 1, whole: 0 })
  },
  150_000,
)

test('uploads that are broken off, at every door and in every way, leave nothing', async () => {
  const proxy = opened.use(await PgProxy.open(url))
  const { before, after } = await abortUploads(await newSite(proxy.url, ABORTING), {
    random: seededRandom(8),
    warmUp: 1,
    aborts: 8,
    database: proxy.url,
  })
  expect(after.open.length).toBeLessThanOrEqual(before.open.length)
  // Looked at for twelve seconds before; what can be gone on with is given up after ten.
}, 150_000)
