import { isObjectType } from 'graphql'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { replaceContent } from '../support/replace.ts'
import { routesOf } from '../support/routes.ts'
import { HARMLESS, type HeldMedia, PATHS, type Path } from './held-paths.ts'

/** What is held is neither deleted nor replaced, whoever asks and by whichever way: every path, every job, live and in the trash. */
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ TRASH_DAYS: '0', KEEP_VERSIONS: '1', VARIANT_CACHE_BYTES: '1' })
})
afterAll(() => gateway.close())

const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)

let staged = 0
/** With a version that was replaced long ago, which no longer is one of those that are kept. */
async function newMedia(): Promise<HeldMedia> {
  const tag = `held ${staged++}`
  const { media } = await gateway.upload({ bytes: Buffer.from(`${tag}, first`) }, { tags: [tag] })
  const { id } = media
  const { userErrors } = await replaceContent(
    { url: gateway.url, authorization: ADMIN },
    { bytes: Buffer.from(`${tag}, second`) },
    { id },
  )
  expect(userErrors).toEqual([])
  await sql(`UPDATE media_version SET created_at = created_at - interval '100 days' WHERE media_id = $1`, [
    id,
  ])
  return { id, tag }
}

const hold = async (mediaId: string): Promise<string> =>
  (
    await gateway.query(
      `mutation($id: ID!) { applyLegalHold(input: { mediaId: $id, reason: "r", includeDeleted: true }) { legalHold { id } } }`,
      { id: mediaId },
    )
  ).applyLegalHold.legalHold.id

/** All that a hold keeps, read from the rows and from the store. */
async function kept({ id }: HeldMedia): Promise<unknown> {
  const media = await sql<{ key: string; storeId: string }>(
    `SELECT m.content_version, m.deleted_at IS NOT NULL AS deleted, m.blob_id, v.n, b.state, b.doom_at, b.key, b.store_id AS "storeId"
     FROM media m LEFT JOIN media_version v ON v.media_id = m.id LEFT JOIN blob b ON b.id = v.blob_id WHERE m.id = $1 ORDER BY v.n`,
    [id],
  )
  const sizes = media.map(async blob => (await gateway.app.foundation.storage.stat(blob as never))?.size)
  return { media, sizes: await Promise.all(sizes) }
}

const STATES = {
  live: async () => undefined,
  inTrash: async ({ id }) => {
    await gateway.query(`mutation($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, { id })
  },
} as const satisfies Record<string, (media: HeldMedia) => Promise<void>>
type State = keyof typeof STATES

interface Held {
  readonly media: HeldMedia
  /** What was prepared ahead of the hold, by path. */
  readonly prepared: Readonly<Record<string, unknown>>
  readonly before: unknown
}

async function heldMedia(state: State, paths: Readonly<Record<string, Path>> = {}): Promise<Held> {
  const media = await newMedia()
  const prepared: Record<string, unknown> = {}
  for (const [name, path] of Object.entries(paths)) prepared[name] = await path.prepare?.(gateway, media)
  await STATES[state](media)
  await hold(media.id)
  const before = await kept(media)
  expect(before).toMatchObject({ sizes: [expect.any(Number), expect.any(Number)] })
  return { media, prepared, before }
}

/** One for all paths, as long as it is as it was: then whatever was tried before has done nothing to it. */
const standing: Partial<Record<State, Held>> = {}

const CELLS = Object.keys(PATHS).flatMap(name =>
  (Object.keys(STATES) as State[]).map(state => [name, state] as const),
)

describe('a held media outlives', () => {
  test.each(CELLS)('%s (%s)', async (name, state) => {
    const path = PATHS[name as keyof typeof PATHS] as Path
    const held = standing[state] ?? (await heldMedia(state, PATHS))
    const { media, prepared, before } = held
    delete standing[state]
    expect(await path.attempt(gateway, media, prepared[name])).toBe(path.comesTo[state])
    await gateway.app.reaper.run()
    expect(await kept(media)).toEqual(before)
    standing[state] = held
  })

  test('every job that runs by itself, in whichever order', async () => {
    const live = await heldMedia('live')
    const trashed = await heldMedia('inTrash')
    // What holds must not keep goes by the same jobs: they do run.
    const [free, freeInTrash] = [await newMedia(), await newMedia()]
    await STATES.inTrash(freeInTrash)
    const jobs = gateway.app.jobs.filter(({ cron }) => cron)
    for (const order of [jobs, jobs.toReversed()]) {
      for (const { run } of order)
        await run({}, { job: { attempts: 1 }, abortSignal: new AbortController().signal } as never)
      for (const { media, before } of [live, trashed]) expect(await kept(media)).toEqual(before)
    }
    expect(await sql(`SELECT n FROM media_version WHERE media_id = $1`, [free.id])).toEqual([{ n: 2 }])
    expect(await sql(`SELECT 1 FROM media WHERE id = $1`, [freeInTrash.id])).toEqual([])
    process.stdout.write(`held media outlive ${CELLS.length} cells and ${jobs.length} jobs\n`)
  })

  test.each([
    ['its deletion', `DELETE FROM media WHERE id = $1`],
    ['the deletion of a version', `DELETE FROM media_version WHERE media_id = $1 AND n = 1`],
    ['the deletion of all versions', `DELETE FROM media_version WHERE media_id = $1`],
  ])('by plain SQL, %s', async (_, statement) => {
    const { media, before } = await heldMedia('live')
    await expect(gateway.app.foundation.database.pool.query(statement, [media.id])).rejects.toMatchObject({
      code: '23001',
    })
    expect(await kept(media)).toEqual(before)
  })
})

test('until it is released, and no longer', async () => {
  const { id } = await newMedia()
  const holds = [await hold(id), await hold(id)]
  const purge = async () =>
    (
      await gateway.query(
        `mutation($id: ID!) { deleteMedia(input: { id: $id, permanent: true }) { purgedAt userErrors { code } } }`,
        { id },
      )
    ).deleteMedia
  for (const holdId of holds) {
    expect((await purge()).userErrors).toEqual([{ code: 'LEGAL_HOLD' }])
    await gateway.query(
      `mutation($id: ID!) { releaseLegalHold(input: { id: $id }) { userErrors { code } } }`,
      {
        id: holdId,
      },
    )
  }
  expect(await purge()).toEqual({ purgedAt: expect.any(String), userErrors: [] })
})

test('every mutation, and every route that changes something, is such a path, or it is said why it is none', async () => {
  const mutations = buildGatewaySchema([]).getMutationType()
  const ways = [
    ...(isObjectType(mutations) ? Object.keys(mutations.getFields()).map(field => `Mutation.${field}`) : []),
    ...(await routesOf(gateway.app)).filter(route => /^(POST|PUT|PATCH|DELETE) /.test(route)),
  ]
  const tried = new Set<string>((Object.values(PATHS) as Path[]).flatMap(({ uses }) => uses))
  expect(ways.filter(way => !tried.has(way) && !(way in HARMLESS))).toEqual([])
  expect(Object.keys(HARMLESS).filter(way => tried.has(way) || !ways.includes(way))).toEqual([])
  const jobs = gateway.app.jobs.map(({ name }) => name)
  const known = [...ways, ...jobs, 'cli doctor']
  expect([...tried].filter(way => !known.includes(way))).toEqual([])
  // Jobs with a payload are about one media: the pipeline, whose scan is a path, and the import, which gives a first content.
  expect(
    gateway.app.jobs
      .filter(({ cron }) => !cron)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['media.import', 'media.process'])
})
