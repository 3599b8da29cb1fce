import { FAULT_POINTS, type FaultPoint } from '../src/platform/fault.ts'
import { GatewayProcess } from './faults/gateway-process.ts'
import { ADMIN, startApp, type TestApp } from './support/app.ts'
import { IS_THOROUGH } from './support/counts.ts'
import { graphqlClient } from './support/gql.ts'
import { replaceContent } from './support/replace.ts'
import { BLOB_NAME } from './support/stores.ts'

// A gateway is killed in the middle of a permanent deletion; the one beside it goes on.

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)

/** What lies in the store, but for the epoch that each gateway may begin. */
const blobs = async () => (await gateway.storedNames()).filter(name => BLOB_NAME.test(name))

/** The points of a purge, and those of the removal of its blobs; of these some, unless there is time for all. */
const POINTS = (Object.keys(FAULT_POINTS) as FaultPoint[]).filter(point => /^(P|R[23])/.test(point))
const DAILY: readonly FaultPoint[] = [
  'P1.beforeCommit',
  'P1.afterCommit',
  'R2.afterDelete',
  'P2.beforeSettle',
]

async function mediaWithVersions(): Promise<string> {
  const { media } = await gateway.upload({ bytes: Buffer.from('first') })
  await replaceContent(
    { url: gateway.url, authorization: ADMIN },
    { bytes: Buffer.from('second') },
    { id: media.id },
  )
  return media.id
}

/** Has the media deleted for good by a gateway that kills itself at this point. */
async function purgeAndKill(id: string, point: FaultPoint): Promise<void> {
  const { environment, dataDir } = gateway
  const broken = new GatewayProcess(['serve'], {
    ...environment,
    DATA_DIR: `${dataDir}/broken`,
    FAULT: `${point}:kill`,
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
  })
  const client = graphqlClient(await broken.origin(), ADMIN)
  const deletion = client.query(
    `mutation($id: ID!) { deleteMedia(input: { id: $id, permanent: true }) { purgedAt } }`,
    { id },
  )
  await expect(deletion).rejects.toThrow('fetch failed')
  expect(await broken.ended).toEqual({ code: null, signal: 'SIGKILL' })
}

test.each(IS_THOROUGH ? POINTS : DAILY)(
  'a purge that is killed at %s leaves the media whole, or no byte of it, and is told once',
  async point => {
    const before = await blobs()
    const id = await mediaWithVersions()
    await purgeAndKill(id, point)
    // Within a minute nobody else takes what was claimed; the test does not wait for it.
    await sql(`UPDATE blob SET lease_until = now() WHERE state = 'doomed'`)
    await gateway.app.reaper.run()
    await gateway.app.purges.settle()

    const { media, mediaPurge } = await gateway.query(
      `query($id: ID!) { media(id: $id) { size versions { totalCount } } mediaPurge(mediaId: $id) { purgedAt } }`,
      { id },
    )
    const told = await sql<{ type: string }>(
      `SELECT type FROM outbox WHERE media_id = $1 AND type IN ('media.deleted', 'media.purged') ORDER BY xid, seq`,
      [id],
    )
    const left = (await blobs()).filter(name => !before.includes(name)).length
    const isWhole = point === 'P1.beforeCommit'
    expect({ media, mediaPurge, left, told: told.map(({ type }) => type) }).toEqual(
      isWhole
        ? { media: { size: 6, versions: { totalCount: 2 } }, mediaPurge: null, left: 2, told: [] }
        : {
            media: null,
            mediaPurge: { purgedAt: expect.any(String) },
            left: 0,
            told: ['media.deleted', 'media.purged'],
          },
    )
    expect((await gateway.app.doctor.examine()).findings).toEqual([])
  },
  120_000,
)
