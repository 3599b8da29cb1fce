import { Agent } from 'node:http'
import type { Bench, Row } from '../figure.ts'
import { AUTHORIZATION, type Gateway, startGateway } from '../gateway.ts'
import { type Call, read } from '../http-client.ts'
import { FIELDS, seedLibrary } from '../seeded-library.ts'
import { pinClient, unpinClient } from '../server-process.ts'
import { interleaved, spreadOf } from '../spread.ts'

const REQUESTS = 300
const STEP = 100

const pageOf = (selection: string) => `query Page($after: String) { mediaItems(first: 20, after: $after) {
  ${selection} edges { cursor node { ${FIELDS} } } pageInfo { hasNextPage endCursor } } }`
const PAGE = pageOf('')
const COUNTED = pageOf('totalCount')
const WALK = `query Walk($after: String) { mediaItems(first: ${STEP}, after: $after) { pageInfo { endCursor } } }`

/** A page in the middle of many media against the first one, and what it costs to count them beside it. */
export async function deepPage(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  await seedLibrary(gateway, bench.media, bench.progress)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  pinClient()
  try {
    const depth = Math.floor(bench.media / 2 / STEP) * STEP
    bench.progress(`walking to the page that is ${depth} deep`)
    const after = await cursorAt(gateway, depth, agent)
    const first = callOf(gateway, { query: PAGE }, agent)
    const deep = callOf(gateway, { query: PAGE, variables: { after } }, agent)
    const counted = callOf(gateway, { query: COUNTED, variables: { after } }, agent)
    bench.progress('warming up')
    for (const call of [first, deep, counted]) await millisecondsOf(call)
    const extra: number[] = []
    const measured = await interleaved(bench.rounds, async round => {
      const [baseline, ours] = [await millisecondsOf(first), await millisecondsOf(deep)]
      extra.push((await millisecondsOf(counted)) - ours)
      bench.progress(
        `round ${round}: ${ours.toFixed(2)} ms, the first page ${baseline.toFixed(2)} ms, totalCount ${extra.at(-1)?.toFixed(2)} ms`,
      )
      return { ours, baseline }
    })
    const library = `${depth} deep in ${bench.media} media`
    return [
      { figure: `page ${library}, against the first page: a request`, unit: 'ms', ...measured, atMost: 1.2 },
      {
        figure: `totalCount beside the page ${library}: a request`,
        unit: 'ms',
        ours: spreadOf(extra),
        isDifference: true,
        atMost: 2,
        note: 'against the same page without it',
      },
    ]
  } finally {
    agent.destroy()
    unpinClient()
  }
}

const callOf = ({ server }: Gateway, body: object, agent: Agent): Call => ({
  url: `${server.origin}/graphql`,
  method: 'POST',
  headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
  agent,
})

interface WalkAnswer {
  readonly data: { readonly mediaItems: { readonly pageInfo: { readonly endCursor: string } } }
}

/** The cursor behind so many media, as a client comes by it. */
async function cursorAt(gateway: Gateway, depth: number, agent: Agent): Promise<string | undefined> {
  let after: string | undefined
  for (let passed = 0; passed < depth; passed += STEP) {
    const answer = await read(callOf(gateway, { query: WALK, variables: { after } }, agent))
    after = (JSON.parse(answer.toString()) as WalkAnswer).data.mediaItems.pageInfo.endCursor
  }
  return after
}

/** Wall clock of one request, one after the other; rejects when an answer differs from the first one. */
async function millisecondsOf(call: Call): Promise<number> {
  const expected = await read(call)
  const began = performance.now()
  for (let i = 0; i < REQUESTS; i++) {
    const answer = await read(call)
    if (!answer.equals(expected)) throw new Error(`another answer: ${answer.toString()}`)
  }
  return (performance.now() - began) / REQUESTS
}
