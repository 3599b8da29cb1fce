import { Agent } from 'node:http'
import pg from 'pg'
import { MediaPages } from '../../dist/features/media/media-pages.js'
import type { Bench, Row } from '../figure.ts'
import { ACCOUNT, AUTHORIZATION, type Gateway, startGateway } from '../gateway.ts'
import { type Call, read } from '../http-client.ts'
import { seedLibrary } from '../seeded-library.ts'
import { pinClient, unpinClient } from '../server-process.ts'
import { interleaved, type Spread, spreadOf } from '../spread.ts'

const MEDIA = 100_000
/** What one answer of the Bandwidth list holds. */
const LISTED = 1_000
const REQUESTS = 20
const STATEMENTS = 20

/** Pages of the APIs of others at every depth of a large library: by a token, and by their number. */
export async function facades(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  await seedLibrary(gateway, MEDIA, bench.progress)
  return [await byToken(gateway, bench), ...(await byNumber(gateway, bench))]
}

async function byToken(gateway: Gateway, bench: Bench): Promise<Row> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  pinClient()
  try {
    const calls = await pagesByToken(gateway, agent)
    const pages = [calls[0], calls[calls.length / 2], calls.at(-1)] as Call[]
    bench.progress('by token: warming up')
    for (const page of [...pages, ...pages]) await millisecondsOf(page)
    const measured = await interleaved(bench.rounds, async round => {
      const times: number[] = []
      for (const page of pages) times.push(await millisecondsOf(page))
      bench.progress(`by token, round ${round}: ${times.map(time => time.toFixed(1)).join(', ')} ms`)
      return { ours: Math.max(...times), baseline: Math.min(...times) }
    })
    const figure = `first, middle and last ${LISTED} of ${MEDIA} media by Continuation-Token, the slowest against the fastest: a request`
    return { figure, unit: 'ms', ...measured, atMost: 1.5 }
  } finally {
    agent.destroy()
    unpinClient()
  }
}

/** The request of each page, as a client comes by it. */
async function pagesByToken({ server }: Gateway, agent: Agent): Promise<Call[]> {
  const url = `${server.origin}/api/v2/users/${ACCOUNT}/media`
  const calls: Call[] = []
  for (let token: string | null = ''; token !== null; ) {
    const headers: Record<string, string> = { authorization: AUTHORIZATION, 'continuation-token': token }
    calls.push({ url, method: 'GET', headers, agent })
    const answer = await fetch(url, { headers })
    const page = (await answer.json()) as unknown[]
    if (page.length !== LISTED) throw new Error(`a page of ${page.length}: ${JSON.stringify(page)}`)
    token = answer.headers.get('continuation-token')
  }
  if (calls.length !== MEDIA / LISTED) throw new Error(`${calls.length} pages of ${MEDIA} media`)
  return calls
}

/** Wall clock of one request, one after the other: the median of some. */
async function millisecondsOf(call: Call): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < REQUESTS; i++) {
    const began = performance.now()
    await read(call)
    times.push(performance.now() - began)
  }
  return spreadOf(times).median
}

const VIEWER = {
  kind: 'principal',
  accountId: ACCOUNT,
  name: 'key:bench',
  scopes: new Set(['*']),
  ownerId: null,
  groupIds: [],
  applicationId: null,
  acl: null,
} as const

const COLUMNS = new Set([
  'id',
  'originalFileName',
  'kind',
  'mimeType',
  'size',
  'width',
  'height',
  'createdAt',
  'updatedAt',
] as const)

/** What a statement takes, from its sending to its rows; the count that comes ahead of every page is told apart. */
async function byNumber(gateway: Gateway, bench: Bench): Promise<Row[]> {
  const client = new pg.Client(gateway.connection)
  await client.connect()
  try {
    const watched = new WatchedSql(client)
    const pages = new MediaPages({ database: watched })
    const slowest = new Map<number, number[]>([20, 100].map(size => [size, []]))
    const counts: number[] = []
    for (let round = 0; round <= bench.rounds; round++) {
      const times = new Map<number, number[]>()
      for (const limit of slowest.keys()) {
        for (const offset of [0, MEDIA / 2, MEDIA - limit]) {
          const { page, count } = await watched.timesOf(() =>
            pages.at(VIEWER, {
              filter: {},
              order: { field: 'CREATED_AT', direction: 'DESC' },
              offset,
              limit,
              columns: COLUMNS,
            }),
          )
          times.set(limit, [...(times.get(limit) ?? []), page])
          // The first round warms up.
          if (round > 0) counts.push(count)
        }
      }
      if (round === 0) continue
      for (const [limit, each] of times) slowest.get(limit)?.push(Math.max(...each))
      const told = [...times].map(([limit, each]) => `${limit}: ${each.map(ms => ms.toFixed(1)).join(', ')}`)
      bench.progress(`by number, round ${round}: first, middle and last page of ${told.join('; ')} ms`)
    }
    const row = (figure: string, ours: Spread, more: Partial<Row> = {}): Row => ({
      figure,
      unit: 'ms',
      ours,
      ...more,
    })
    return [
      ...[...slowest].map(([limit, times]) =>
        row(
          `page of ${limit} by its number, in ${MEDIA} media, the slowest of first, middle and last: its statement`,
          spreadOf(times),
          { atMost: 30 },
        ),
      ),
      row(`the exact count beside it: its statement`, spreadOf(counts)),
    ]
  } finally {
    await client.end()
  }
}

/** A connection that keeps the time of each statement, and sees to it that what is passed over comes from an index alone. */
class WatchedSql {
  readonly #client: pg.Client
  #times: { text: string; ms: number }[] = []

  constructor(client: pg.Client) {
    this.#client = client
  }

  async query<T>(text: string, values: readonly unknown[] = [], types?: pg.CustomTypesConfig): Promise<T[]> {
    const began = performance.now()
    const { rows } = await this.#client.query({ text, values: [...values], types })
    this.#times.push({ text, ms: performance.now() - began })
    if (!text.startsWith('SELECT count')) await this.#mustBeIndexOnly(text, values)
    return rows as T[]
  }

  /** Milliseconds of the page and of the count, each the median of so many. */
  async timesOf(work: () => Promise<unknown>): Promise<{ page: number; count: number }> {
    this.#times = []
    for (let i = 0; i < STATEMENTS; i++) await work()
    const median = (isCount: boolean) => {
      const times = this.#times.filter(({ text }) => text.startsWith('SELECT count') === isCount)
      return spreadOf(times.map(({ ms }) => ms)).median
    }
    return { page: median(false), count: median(true) }
  }

  async #mustBeIndexOnly(text: string, values: readonly unknown[]): Promise<void> {
    const { rows } = await this.#client.query(`EXPLAIN ${text}`, [...values])
    const plan = rows.map(row => row['QUERY PLAN']).join('\n')
    if (!/Index Only Scan/.test(plan)) throw new Error(`what is passed over is read as a whole:\n${plan}`)
  }
}
