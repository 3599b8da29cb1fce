import type { Bench, Row } from '../figure.ts'
import { ACCOUNT, AUTHORIZATION, startGateway } from '../gateway.ts'
import { type Call, read, runLoad } from '../http-client.ts'
import { microsecondsPerRequest } from '../proc.ts'
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

/** A page of 20 media with 15 fields each, out of 10 000: CPU of the server process for one request. */
export async function page(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  await seedLibrary(gateway, MEDIA, bench.progress)
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
        microsecondsPerRequest(server.pid, REQUESTS, () =>
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

/** Both sides must answer the same rows, or the ratio says nothing. */
async function mustBeEqual(ours: Call, theirs: Call): Promise<void> {
  const { data } = JSON.parse((await read(ours)).toString())
  const nodes = JSON.stringify(data.mediaItems.edges.map((edge: { node: unknown }) => edge.node))
  const rows = (await read(theirs)).toString()
  if (nodes !== rows)
    throw new Error(`the gateway and the baseline answer different rows:\n${nodes}\n${rows}`)
}
