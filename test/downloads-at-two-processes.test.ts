import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GatewayProcess } from './faults/gateway-process.ts'
import { createDatabase, type TestDatabase } from './support/database.ts'
import { graphqlClient } from './support/gql.ts'
import { openTestStore, type TestStore } from './support/stores.ts'

const ADMIN = 'Bearer mgw_root_secretsecretsecret'

let folder: string
let database: TestDatabase
let store: TestStore
let nodes: GatewayProcess[]
let origins: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-gateway-two-'))
  database = await createDatabase()
  store = await openTestStore(join(folder, 'files'))
  nodes = ['one', 'two'].map(
    name =>
      new GatewayProcess(['serve'], {
        DATA_DIR: join(folder, name),
        STORAGE_URL: store.url,
        ...store.environment,
        DATABASE_URL: database.url,
        KEY_PEPPER: 'pepper for tests only',
        SIGNING_KEYS: 'test:signing-key-for-tests-only',
        BOOTSTRAP_API_KEY: 'acme:root:secretsecretsecret',
        RATE_LIMIT: 'off',
        PORT: '0',
      }),
  )
  origins = await Promise.all(nodes.map(node => node.origin()))
})
afterAll(async () => {
  for (const node of nodes) node.signal('SIGTERM')
  await Promise.all(nodes.map(node => node.endWithin(20_000)))
  await database.drop()
  await store.remove()
  await rm(folder, { recursive: true, force: true })
})

const COUNTS = `query C($id: ID!) { media(id: $id) { timesDownloaded shareLinks { nodes { timesDownloaded } } } }`

/** The statuses of 1 000 downloads that are asked for at once, half of them at each process; who is told to come back does so. */
async function rush(path: string, headers: Record<string, string>): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, i) => {
      const ask = () => fetch(`${origins[i % 2]}${path}`, { headers })
      let answer = await ask()
      while (answer.status === 503) {
        await answer.text()
        answer = await ask()
      }
      const body = await answer.text()
      if (answer.status === 200) expect(body).toBe('scarce')
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    }),
  )
  return statuses
}

test.each([
  ['a media', { media: 100, link: 0 }],
  ['a share link', { media: 0, link: 100 }],
])('of 1 000 downloads at once exactly the 100 that %s allows succeed', async (_, limits) => {
  const client = graphqlClient(origins[0] ?? '', ADMIN)
  const bytes = Buffer.from('scarce')
  const { media } = await client.upload({ bytes }, { maxDownloads: limits.media })
  const { createShareLink } = await client.query(
    `mutation C($input: CreateShareLinkInput!) { createShareLink(input: $input) { url } }`,
    { input: { mediaId: media.id, maxDownloads: limits.link } },
  )
  const path = limits.link ? new URL(createShareLink.url).pathname : `/media/${media.id}/content`
  const statuses = await rush(path, limits.link ? {} : { authorization: ADMIN })
  expect(statuses).toEqual(
    new Map([
      [200, 100],
      [403, 900],
    ]),
  )
  expect(await client.query(COUNTS, { id: media.id })).toEqual({
    media: { timesDownloaded: 100, shareLinks: { nodes: [{ timesDownloaded: limits.link }] } },
  })
})
