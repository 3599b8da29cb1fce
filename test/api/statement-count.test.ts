import { startApp, type TestApp } from '../support/app.ts'
import { seedMedia } from '../support/seed.ts'
import { statementsOf } from '../support/statements.ts'

/** How many statements an operation costs does not depend on how many things it shows. */
let gateway: TestApp
let ids: string[]
beforeAll(async () => {
  // Signed URLs end at a full minute: those of two queries are alike when no time passes between them.
  const started = new Date()
  gateway = await startApp({}, { clock: { now: () => started } })
  const { database } = gateway.app.foundation
  await database.query(
    `INSERT INTO owner (id, account_id, external_id, name)
     SELECT gen_random_uuid(), 'acme', 'owner ' || n, 'O' FROM generate_series(1, 40) AS n`,
  )
  ids = await seedMedia(database, {
    count: 40,
    columns: {
      owner_id: `(SELECT id FROM owner WHERE external_id = 'owner ' || n)`,
      tags: `ARRAY['t' || n]`,
    },
  })
  await database.query(
    `INSERT INTO collection (id, account_id, name) SELECT gen_random_uuid(), 'acme', 'c ' || n FROM generate_series(1, 40) n`,
  )
  await database.query(
    `INSERT INTO collection_media (collection_id, media_id, position)
     SELECT c.id, m.id, row_number() OVER () FROM collection c, media m WHERE hashtext(c.name || m.id) % 3 = 0`,
  )
  await database.query(
    `INSERT INTO share_link (id, media_id, token_hash, created_by, expires_at)
     SELECT gen_random_uuid(), m.id, sha256(convert_to(m.id::text || n, 'UTF8')), 'test', now() + interval '1 day'
     FROM media m, generate_series(1, 3) AS n`,
  )
  await database.query(
    `WITH one AS (INSERT INTO blob (id, account_id, store_id, key, state, size)
                  VALUES (gen_random_uuid(), 'acme', 'default', 'gone', 'lost', 0) RETURNING id)
     INSERT INTO media_version (media_id, n, blob_id, sha256, size, mime_type, original_file_name)
     SELECT m.id, n, one.id, 'x', n, 'text/plain', 'f' FROM media m, one, generate_series(1, 4) AS n`,
  )
  await database.query(
    `UPDATE media SET content_version = 4, sha256 = repeat('a', 64), blob_id = (SELECT id FROM blob),
                      mime_type = CASE WHEN id < $1 THEN 'image/png' ELSE 'application/pdf' END`,
    [[...ids].sort()[20]],
  )
  await database.query(
    `WITH w AS (INSERT INTO webhook (id, account_id, url, payload_version, secret_salt, created_by, seen_next, seen_running)
       SELECT gen_random_uuid(), 'acme', 'https://hooks.example.com/', 1, decode(repeat('00', 16), 'hex'), 'key:root', 1, '{}'
       FROM generate_series(1, 40) RETURNING id)
     INSERT INTO webhook_delivery (id, webhook_id, event_id, type, occurred_at)
     SELECT gen_random_uuid(), w.id, gen_random_uuid(), 'webhook.test', now() FROM w, generate_series(1, 3)`,
  )
})
afterAll(() => gateway.close())

const MEDIA = `id title tags url owner { id name }`
const LINKS = `shareLinks(first: 2) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } }`
const COLLECTIONS = `collections(first: 3) { totalCount totalCountIsEstimate nodes { id name } pageInfo { hasNextPage } }`

const VERSIONS = `versions(first: 3) { totalCount nodes { contentVersion size createdAt url } pageInfo { hasNextPage } }`

/** One statement reads the credential; the others are counted here. */
const OPERATIONS: readonly [name: string, statements: number, query: (count: number) => string][] = [
  ['a list', 1, n => `{ mediaItems(first: ${n}) { nodes { id title tags url } } }`],
  ['a list with owners', 2, n => `{ mediaItems(first: ${n}) { nodes { ${MEDIA} } } }`],
  [
    'a list with its total',
    2,
    n => `{ mediaItems(first: ${n}) { totalCount totalCountIsEstimate nodes { id } } }`,
  ],
  [
    'a list with share links, and their totals',
    3,
    n => `{ mediaItems(first: ${n}) { nodes { id ${LINKS} } } }`,
  ],
  [
    'a list with collections, and their totals',
    3,
    n => `{ mediaItems(first: ${n}) { nodes { id ${COLLECTIONS} } } }`,
  ],
  [
    'a list with versions, and their totals',
    3,
    n => `{ mediaItems(first: ${n}) { nodes { id ${VERSIONS} } } }`,
  ],
  [
    'a list with what was there before',
    2,
    n => `{ mediaItems(first: ${n}) { nodes { id duplicateOf { id title } } } }`,
  ],
  [
    'a list with the progress of imports',
    2,
    n => `{ mediaItems(first: ${n}) { nodes { id importProgress { attempts } } } }`,
  ],
  [
    'a list with facts, all of them, and how far it was looked at',
    3,
    n =>
      `{ mediaItems(first: ${n}) { nodes { id facts { title } technicalMetadata placeholder { thumbhash } processing { name state } } } }`,
  ],
  [
    'a list with pictures, and previews of what is none',
    2,
    n =>
      `{ mediaItems(first: ${n}) { nodes { id thumbnailUrl image(transform: { width: 9 }) { url width } srcset(widths: [9, 99]) { srcset } } } }`,
  ],
  [
    'a list with all of it',
    8,
    n => `{ mediaItems(first: ${n}) { nodes { ${MEDIA} ${LINKS} ${COLLECTIONS} ${VERSIONS} } } }`,
  ],
  [
    'the same list under several names',
    4,
    n =>
      `{ mediaItems(first: ${n}) { nodes { a: shareLinks(first: 1) { nodes { id } } b: shareLinks(last: 1) { nodes { id } }
       c: shareLinks(first: 1) { nodes { id } } collections(first: 1) { nodes { id } } } } }`,
  ],
  [
    'collections with their media, and what those are in',
    5,
    n =>
      `{ collections(first: ${n}) { nodes { id media(first: 5) { totalCount nodes { ${MEDIA} collections(first: 2) { nodes { id } } } } } } }`,
  ],
  [
    'nodes by their ids',
    2,
    n => `{ nodes(ids: [${ids.slice(0, n).map(id => `"${id}"`)}]) { ... on Media { ${MEDIA} } } }`,
  ],
  [
    'webhooks with their deliveries, and their totals',
    3,
    n =>
      `{ webhooks(first: ${n}) { nodes { id url deliveries(first: 2) { totalCount nodes { id type } } } } }`,
  ],
  ['tags', 1, n => `{ tags(first: ${n}) { nodes { name mediaCount } } }`],
  [
    'facets',
    1,
    n =>
      `{ mediaFacets(top: ${n}) { kinds { count } tags { value count } mimeTypes { count } statuses { count } } }`,
  ],
]

test.each(OPERATIONS)('%s: %d', async (_, expected, query) => {
  const { database } = gateway.app.foundation
  const counts: Record<number, number> = {}
  for (const size of [2, 40]) {
    const statements = await statementsOf(database, () => gateway.query(query(size)))
    const own = statements.filter(text => !/api_key/.test(text))
    if (own.length !== expected) process.stdout.write(`${own.join('\n')}\n`)
    counts[size] = own.length
  }
  expect(counts).toEqual({ 2: expected, 40: expected })
})

test('nested lists read together are what each is by itself', async () => {
  const together = await gateway.query(
    `{ mediaItems(first: 40) { nodes { id ${LINKS} ${COLLECTIONS} ${VERSIONS} } } }`,
  )
  for (const node of together.mediaItems.nodes) {
    const alone = await gateway.query(
      `query A($id: ID!) { media(id: $id) { id ${LINKS} ${COLLECTIONS} ${VERSIONS} } }`,
      {
        id: node.id,
      },
    )
    expect(alone.media).toEqual(node)
  }
  const backwards = `shareLinks(last: 2) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor } }`
  const { mediaItems } = await gateway.query(`{ mediaItems(first: 5) { nodes { id ${backwards} } } }`)
  for (const node of mediaItems.nodes) {
    const alone = await gateway.query(`query A($id: ID!) { media(id: $id) { id ${backwards} } }`, {
      id: node.id,
    })
    expect(alone.media).toEqual(node)
    expect(node.shareLinks.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  }
})

test('a cursor of one media goes on with its own list, and is refused for every other', async () => {
  const query = `query C($after: String) { mediaItems(first: 2) { nodes { id shareLinks(first: 1, after: $after) {
    nodes { id } pageInfo { endCursor } } } } }`
  const { mediaItems } = await gateway.query(query)
  const { data, errors } = await gateway.send(query, {
    after: mediaItems.nodes[0].shareLinks.pageInfo.endCursor,
  })
  expect(data.mediaItems.nodes[0].shareLinks.nodes).toHaveLength(1)
  expect(data.mediaItems.nodes[1].shareLinks).toBeNull()
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_REQUEST'])
})
