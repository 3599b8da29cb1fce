import type { Bench, Row } from '../figure.ts'
import { ACCOUNT, AUTHORIZATION, type Gateway, startGateway } from '../gateway.ts'
import { type Call, read, runLoad } from '../http-client.ts'
import { cpuSeconds } from '../proc.ts'
import { pinClient, ServerProcess, unpinClient } from '../server-process.ts'
import { interleaved } from '../spread.ts'

const MEDIA = 10_000
const REQUESTS = 2_500
const CONNECTIONS = 8
const PAGE = `query Page { mediaItems(first: 20) {
  edges { cursor node {
    id name originalFileName title kind mimeType status size sha256 etag width height tags createdAt updatedAt
  } }
  pageInfo { hasNextPage endCursor }
} }`

/** A page of 20 media with 15 fields each, out of 10 000: CPU of the server process for one request. */
export async function page(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  bench.progress(`seeding ${MEDIA} media`)
  await seed(gateway)
  await using baseline = await ServerProcess.start({
    program: 'bench/baselines/page-pg.ts',
    args: [JSON.stringify(gateway.connection), ACCOUNT],
    env: {},
    pinned: true,
  })
  const ours: Call = {
    url: `${gateway.server.origin}/graphql`,
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ query: PAGE })),
  }
  const theirs: Call = { url: baseline.origin }
  await mustBeEqual(ours, theirs)

  pinClient()
  try {
    const side = async (server: ServerProcess, call: Call) => {
      const expected = await read(call)
      return () =>
        microsecondsPerRequest(server, () =>
          runLoad({ call, requests: REQUESTS, connections: CONNECTIONS, expected }),
        )
    }
    const measureOurs = await side(gateway.server, ours)
    const measureBaseline = await side(baseline, theirs)
    bench.progress('warming up')
    await measureOurs()
    await measureBaseline()
    const measured = await interleaved(bench.rounds, async round => {
      const pair = { ours: await measureOurs(), baseline: await measureBaseline() }
      bench.progress(`round ${round}: ${pair.ours.toFixed(0)} µs, baseline ${pair.baseline.toFixed(0)} µs`)
      return pair
    })
    return [{ figure: 'page of 20 media × 15 fields, CPU a request', unit: 'µs', ...measured, atMost: 3.0 }]
  } finally {
    unpinClient()
  }
}

async function microsecondsPerRequest(server: ServerProcess, load: () => Promise<void>): Promise<number> {
  const before = await cpuSeconds(server.pid)
  await load()
  return ((await cpuSeconds(server.pid)) - before) * (1e6 / REQUESTS)
}

/** Both sides must answer the same rows, or the ratio says nothing. */
async function mustBeEqual(ours: Call, theirs: Call): Promise<void> {
  const { data } = JSON.parse((await read(ours)).toString())
  const nodes = JSON.stringify(data.mediaItems.edges.map((edge: { node: unknown }) => edge.node))
  const rows = (await read(theirs)).toString()
  if (nodes !== rows)
    throw new Error(`the gateway and the baseline answer different rows:\n${nodes}\n${rows}`)
}

async function seed({ query }: Gateway): Promise<void> {
  await query(
    `WITH numbered AS (
       SELECT n, gen_random_uuid() AS blob_id, md5(n::text) || md5((-n)::text) AS sha256, 1000000 + n * 997 AS size
       FROM generate_series(1, ${MEDIA}) AS n
     ), stored AS (
       INSERT INTO blob (id, account_id, store_id, key, state, size, sha256)
       SELECT blob_id, $1, 'default', 'seed/' || n, 'live', size, sha256 FROM numbered
     )
     INSERT INTO media (id, hash, account_id, name, original_file_name, title, kind, mime_type, status, size, sha256, etag,
       width, height, tags, store_id, blob_id, created_at, updated_at)
     SELECT gen_random_uuid(), gen_random_uuid(), $1, 'photo-' || n, 'DSC_' || n || '.jpg', 'Photograph number ' || n,
       'IMAGE', 'image/jpeg', 'COMPLETED', size, sha256, left(sha256, 32), 4000 + n % 100, 3000 + n % 100,
       ARRAY['seed', 'year-' || n % 10, 'place-' || n % 100], 'default', blob_id,
       now() - n * interval '1 minute', now() - n * interval '30 seconds'
     FROM numbered`,
    [ACCOUNT],
  )
  await query('ANALYZE media')
}
