import { join } from 'node:path'
import type { Bench, Row } from '../figure.ts'
import { ACCOUNT, AUTHORIZATION, environmentOf, startGateway } from '../gateway.ts'
import { type Call, read, runLoad } from '../http-client.ts'
import { microsecondsPerRequest, type Side } from '../proc.ts'
import { FIELDS, seedLibrary } from '../seeded-library.ts'
import { pinClient, ServerProcess, unpinClient } from '../server-process.ts'
import { interleaved } from '../spread.ts'

const MEDIA = 10_000
const REQUESTS = 2_500
const CONNECTIONS = 8
const PAGE = `query Page { mediaItems(first: 20) {
  edges { cursor node {
    ${FIELDS}
  } }
  pageInfo { hasNextPage endCursor }
} }`

/**
 * A page of 20 media with 15 fields each, out of 10 000: CPU of the server process for one request, of the gateway as it is
 * shipped and of its schema alone.
 */
export async function page(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  await seedLibrary(gateway, MEDIA, bench.progress)
  await using baseline = await ServerProcess.start({
    program: 'bench/baselines/page-pg.ts',
    args: [JSON.stringify(gateway.connection), ACCOUNT],
    env: {},
    pinned: true,
  })
  await using bare = await ServerProcess.start({
    program: 'bench/baselines/executor.ts',
    args: [ACCOUNT],
    env: { ...environmentOf(gateway), DATA_DIR: join(gateway.dataDir, 'executor'), LOG_LEVEL: 'fatal' },
    pinned: true,
  })
  const ours: Call = {
    url: `${gateway.server.origin}/graphql`,
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ query: PAGE })),
  }
  const executor: Call = { ...ours, url: `${bare.origin}/graphql` }
  const theirs: Call = { url: baseline.origin }
  await mustBeEqual(ours, theirs)
  await mustBeEqual(executor, theirs)

  pinClient()
  try {
    const side = async (server: ServerProcess, call: Call): Promise<Side> => {
      const expected = await read(call)
      const load = (requests: number) => runLoad({ call, requests, connections: CONNECTIONS, expected })
      return { pid: server.pid, load }
    }
    const base = await side(baseline, theirs)
    const against = async (what: string, measured: Side) => {
      bench.progress(`${what}: warming up`)
      await microsecondsPerRequest([measured, base], REQUESTS)
      return interleaved(bench.rounds, async round => {
        const pair = await microsecondsPerRequest([measured, base], REQUESTS)
        bench.progress(
          `${what}, round ${round}: ${pair.ours.toFixed(0)} µs, baseline ${pair.baseline.toFixed(0)} µs`,
        )
        return pair
      })
    }
    const shipped = await against('as shipped', await side(gateway.server, ours))
    const alone = await against('executor alone', await side(bare, executor))
    return [
      { figure: 'page of 20 media × 15 fields, CPU a request', unit: 'µs', ...shipped, atMost: 2.2 },
      { figure: 'the same, of the executor alone', unit: 'µs', ...alone, atMost: 1.6 },
    ]
  } finally {
    unpinClient()
  }
}

/** Both sides must answer the same rows, or the ratio says nothing. */
async function mustBeEqual(ours: Call, theirs: Call): Promise<void> {
  const { data } = JSON.parse((await read(ours)).toString())
  const nodes = JSON.stringify(data.mediaItems.edges.map((edge: { node: unknown }) => edge.node))
  const rows = (await read(theirs)).toString()
  if (nodes !== rows)
    throw new Error(`the gateway and the baseline answer different rows:\n${nodes}\n${rows}`)
}
