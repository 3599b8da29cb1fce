import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type Follow, followBySse, followByWebSocket } from '../support/subscribe.ts'
import type { Random } from './random.ts'

const WRITERS = 8
/** These keep their transactions open, each with an event in it. */
const HOLDING = 2
const AUTHORIZATION = 'Bearer mgw_root_secretsecretsecret'
/** Nothing was seen. */
const FROM_THE_START = Buffer.from('events:1').toString('base64url')
const QUERY = 'subscription($after: String) { mediaEvents(after: $after) { id cursor type } }'

export interface EventTrial {
  readonly databaseUrl: string
  /** Gateways on that database; `acme` has the key `root`. */
  readonly origins: readonly string[]
  /** A media of `acme`: what the events are about. */
  readonly mediaId: string
  readonly events: number
  readonly holdMs: number
  /** How often each of the broken subscribers is cut off. */
  readonly cuts: number
  readonly random: Random
}

interface Written {
  readonly writer: number
  readonly n: number
  committed: number
}

/**
 * Eight writers, two of which hold their transactions open; one subscriber who is left in peace, and one for each transport who
 * is cut off again and again and resumes at the other gateway. Everybody must get every event once, those of a writer in
 * their order. Gives how long events took from their commit to the subscriber left in peace, in milliseconds.
 */
export async function tryEvents(trial: EventTrial) {
  const written = new Map<string, Written>()
  const following = Promise.all([
    followAll(trial, { follow: followByWebSocket, cuts: 0 }),
    followAll(trial, { follow: followByWebSocket, cuts: trial.cuts }),
    followAll(trial, { follow: followBySse, cuts: trial.cuts }),
  ])
  let left = trial.events
  const takeSome = () => {
    const some = Math.min(left, trial.random.integer(1, 4))
    left -= some
    return some
  }
  const writing = Array.from({ length: WRITERS }, (_, writer) => write(trial, { writer, takeSome, written }))
  const [followers] = await Promise.all([following, ...writing])
  for (const { seen } of followers) check(seen, written)
  const latencies = followers[0].seen
    .map(({ id, at }) => Math.max(0, at - (written.get(id) as Written).committed))
    .sort((a, b) => a - b)
  const at = (part: number) => Math.round(latencies[Math.floor((latencies.length - 1) * part)] ?? 0)
  const resumed = followers.reduce((sum, { connections }) => sum + connections - 1, 0)
  return { events: trial.events, resumed, median: at(0.5), p99: at(0.99), slowest: at(1) }
}

interface Writing {
  readonly writer: number
  readonly takeSome: () => number
  readonly written: Map<string, Written>
}

async function write({ databaseUrl, mediaId, holdMs }: EventTrial, { writer, takeSome, written }: Writing) {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    let n = 0
    for (let some = takeSome(); some > 0; some = takeSome()) {
      await client.query('BEGIN')
      const events: Written[] = []
      for (; some > 0; some--) {
        const [id, event] = [randomUUID(), { writer, n: n++, committed: 0 }]
        await client.query(
          `INSERT INTO outbox (id, xid, account_id, type, media_id)
           VALUES ($1, pg_current_xact_id()::text::bigint, 'acme', 'media.updated', $2)`,
          [id, mediaId],
        )
        written.set(id, event)
        events.push(event)
      }
      await delay(writer < HOLDING ? holdMs : 2)
      await client.query('COMMIT')
      for (const event of events) event.committed = performance.now()
    }
  } finally {
    await client.end()
  }
}

interface Seen {
  readonly id: string
  readonly at: number
}

/** Follows from the start until it has all, whatever happens to its connections. */
async function followAll(
  { origins, events, random }: EventTrial,
  { follow, cuts }: { follow: Follow; cuts: number },
): Promise<{ seen: readonly Seen[]; connections: number }> {
  const seen: Seen[] = []
  const moments = new Set(Array.from({ length: cuts }, () => random.integer(1, events - 1)))
  let connections = 0
  let after = FROM_THE_START
  const first = random.integer(0, origins.length - 1)
  while (seen.length < events) {
    const origin = origins[(first + connections++) % origins.length] as string
    await using following = follow(origin, { authorization: AUTHORIZATION, query: QUERY, after })
    for (let going = true; going && seen.length < events; ) {
      const result = await following.result()
      // Too many at once for its queue: as if it had been cut off.
      if (result?.errors?.[0]?.extensions.code === 'SUBSCRIBER_TOO_SLOW') break
      const event = result?.data?.mediaEvents
      assert(event, `no event: ${JSON.stringify(result)}`)
      after = event.cursor
      // The upload of the media that they are about.
      if (event.type === 'CREATED') continue
      seen.push({ id: event.id, at: performance.now() })
      going = !moments.delete(seen.length)
    }
  }
  return { seen, connections }
}

function check(seen: readonly Seen[], written: ReadonlyMap<string, Written>): void {
  const ids = new Set(seen.map(({ id }) => id))
  assert.equal(ids.size, seen.length, 'an event was told twice')
  assert.deepEqual(
    [...written.keys()].filter(id => !ids.has(id)),
    [],
    'events were lost',
  )
  const next = Array.from({ length: WRITERS }, () => 0)
  for (const { id } of seen) {
    const { writer, n } = written.get(id) as Written
    assert.equal(n, next[writer], `the events of writer ${writer} came in another order`)
    next[writer] = n + 1
  }
}
