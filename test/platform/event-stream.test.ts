import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { EventLog, type RecordedEvent } from '../../src/platform/events/event-log.ts'
import { EventStream } from '../../src/platform/events/event-stream.ts'
import { decodePosition, type Position } from '../../src/platform/events/position.ts'
import { startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
let writer: pg.Client
beforeAll(async () => {
  gateway = await startApp()
  writer = new pg.Client(gateway.environment.DATABASE_URL)
  await writer.connect()
})
afterAll(async () => {
  await writer.end()
  await gateway.close()
})

const INSERT = `INSERT INTO outbox (id, xid, account_id, type)
  VALUES ($1, pg_current_xact_id()::text::bigint, 'acme', 'media.updated')`

test('a cursor tells nothing again that came by the replay, when a feed that is behind follows', async () => {
  const { database } = gateway.app.foundation
  const { promise: caughtUp, resolve: catchUp } = Promise.withResolvers<void>()
  let reads = 0
  class WatchedLog extends EventLog {
    override async read(...of: Parameters<EventLog['read']>) {
      const page = await super.read(...of)
      // Once as far as there is anything, and once more when it has joined.
      if (++reads === 2) catchUp()
      return page
    }
  }
  const log = new WatchedLog({ database })
  // A feed that looks when the test says so: as far behind as a busy node's.
  const { promise: joined, resolve: join } =
    Promise.withResolvers<(events: readonly RecordedEvent[]) => void>()
  const feed = {
    join: async (_accountId: string, tell: (events: readonly RecordedEvent[]) => void) => {
      join(tell)
      return () => undefined
    },
  }
  const [late, early, last] = [randomUUID(), randomUUID(), randomUUID()]
  const feedAt = await log.now()
  await writer.query('BEGIN')
  await writer.query(INSERT, [late])
  for (const id of [early, last]) await database.query(INSERT, [id])

  const ended = new AbortController()
  const following = new EventStream({ log, feed }).follow({
    accountId: 'acme',
    after: feedAt,
    ended: ended.signal,
  })
  const idsOf = (events: readonly RecordedEvent[] | undefined) => events?.map(({ id }) => id)
  expect(idsOf((await following.next()).value ?? undefined)).toEqual([early, last])
  const live = following.next()
  const tell = await joined
  await caughtUp
  await writer.query('COMMIT')
  tell((await log.read(feedAt, ['acme'])).events)
  const told = (await live).value as readonly RecordedEvent[]
  expect(idsOf(told)).toEqual([late])
  ended.abort()
  await following.return()

  const after = decodePosition(told[0]?.cursor ?? '') as Position
  const again = await log.read(after, ['acme'])
  expect(idsOf(again.events)).toEqual([])
  expect(idsOf((await log.read(again.position, ['acme'])).events)).toEqual([])
})
