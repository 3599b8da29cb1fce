import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { Webhook } from 'standardwebhooks'
import { GatewayProcess } from './faults/gateway-process.ts'
import { seededRandom } from './faults/random.ts'
import { startApp } from './support/app.ts'
import { countOf, IS_THOROUGH } from './support/counts.ts'
import { seedMedia } from './support/seed.ts'
import { TryingReceiver } from './support/trying-receiver.ts'

const EVENTS = countOf({ daily: 120, thorough: 10_000 })
const MEDIA = countOf({ daily: 12, thorough: 200 })
const WRITERS = 4
/** Of a thousand requests; a stall costs ten seconds. */
const MOODS = IS_THOROUGH
  ? { fails: 50, stalls: 3, late: 10, cuts: 20 }
  : { fails: 50, stalls: 4, late: 8, cuts: 20 }

/** What was written, and what has become of it at the receiver. */
class Ledger {
  readonly committed = new Map<string, string[]>()
  readonly taken = new Set<string>()
  readonly arrived = new Set<string>()
  total = 0
  #changed: () => void = () => undefined

  commit(events: readonly { id: string; mediaId: string }[]): void {
    for (const { id, mediaId } of events) {
      this.committed.set(mediaId, [...(this.committed.get(mediaId) ?? []), id])
      this.total++
    }
  }

  take(id: string): void {
    this.taken.add(id)
    this.#changed()
  }

  /** Throws when something earlier of its media was not taken yet: of a media, an event waits for those before it. */
  arrive(id: string, mediaId: string): void {
    this.arrived.add(id)
    const before = this.committed.get(mediaId) ?? []
    const missing = before
      .slice(0, Math.max(0, before.indexOf(id)))
      .filter(earlier => !this.taken.has(earlier))
    if (missing.length > 0)
      throw new Error(`${id} has come before ${missing.length} earlier ones of its media`)
  }

  async until(count: () => number): Promise<void> {
    while (this.taken.size < count()) await new Promise<void>(resolve => (this.#changed = resolve))
  }
}

test(
  `${EVENTS} events, a receiver that fails, stalls, answers late and dies, two nodes of which one is killed: each is taken, in the order of its media`,
  async () => {
    const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 20261121))
    const gateway = await startApp({
      WEBHOOKS_TO: '127.0.0.1',
      WEBHOOK_RETRY_SECONDS: Array(40).fill(1).join(),
    })
    const mediaIds = await seedMedia(gateway.app.foundation.database, { count: MEDIA })
    const ledger = new Ledger()
    let secret = ''
    const receiver = await TryingReceiver.open({
      moods: MOODS,
      random,
      judge(headers, raw) {
        const body = new Webhook(secret).verify(raw, headers as never) as {
          id: string
          data: { mediaId: string }
        }
        ledger.arrive(body.id, body.data.mediaId)
        return { eventId: body.id }
      },
      onTaken: id => ledger.take(id),
    })
    const { createWebhook } = await gateway.query(
      `mutation($url: String!) { createWebhook(input: { url: $url }) { secret webhook { id } } }`,
      { url: receiver.url },
    )
    secret = createWebhook.secret
    const worker = (name: string) =>
      new GatewayProcess(['worker'], { ...gateway.environment, DATA_DIR: join(gateway.dataDir, name) })
    const [doomed, other] = [worker('doomed'), worker('other')]
    const began = performance.now()
    const phases: string[] = []
    const phase = (name: string) => phases.push(`${name} ${Math.round((performance.now() - began) / 1000)}`)
    const rolledBack = new Set<string>()
    const writing = Array.from({ length: WRITERS }, async (_, writer) => {
      const own = mediaIds.filter((_, i) => i % WRITERS === writer)
      const client = new pg.Client(gateway.environment.DATABASE_URL)
      await client.connect()
      while (ledger.total < EVENTS) {
        await client.query('BEGIN')
        const events = Array.from({ length: random.integer(1, 4) }, () => ({
          id: randomUUID(),
          mediaId: own[random.integer(0, own.length - 1)] as string,
        }))
        for (const { id, mediaId } of events)
          await client.query(
            `INSERT INTO outbox (id, xid, account_id, type, media_id)
             VALUES ($1, pg_current_xact_id()::text::bigint, 'acme', 'media.updated', $2)`,
            [id, mediaId],
          )
        const isUndone = random.integer(0, 4) === 0
        if (random.integer(0, 9) === 0) await pause(50)
        // Known before the commit: what is sent of it may come before this process is told.
        if (isUndone) for (const { id } of events) rolledBack.add(id)
        else ledger.commit(events)
        await client.query(isUndone ? 'ROLLBACK' : 'COMMIT')
      }
      await client.end()
    })
    await ledger.until(() => 1)
    phase('the first')
    await ledger.until(() => EVENTS / 4)
    phase('a quarter')
    await doomed.kill()
    await ledger.until(() => EVENTS / 2)
    phase('a half')
    receiver.die()
    await pause(2_000)
    await receiver.revive()
    await Promise.all(writing)
    await ledger.until(() => ledger.total)
    phase('the last')
    const { database } = gateway.app.foundation
    const states = () =>
      database.query<{ state: string; n: number; attempts: number }>(
        'SELECT state, count(*)::int AS n, sum(attempts)::int AS attempts FROM webhook_delivery GROUP BY state',
      )
    // What was taken and could not be noted is sent once more.
    while ((await states()).some(({ state }) => state === 'WAITING')) await pause(250)
    phase('noted')
    expect(receiver.problems).toEqual([])
    expect([...ledger.arrived].filter(id => rolledBack.has(id))).toEqual([])
    expect(await states()).toMatchObject([{ state: 'DELIVERED', n: ledger.total }])
    expect(rolledBack.size).toBeGreaterThan(0)
    process.stdout.write(
      `webhooks: ${ledger.total} events in ${receiver.requests} requests, ${rolledBack.size} rolled back; seconds until ${phases.join(', ')}\n`,
    )
    other.signal('SIGTERM')
    expect(await other.endWithin(30_000)).toMatchObject({ code: 0 })
    receiver.die()
    await gateway.close()
  },
  countOf({ daily: 180_000, thorough: 3_600_000 }),
)
