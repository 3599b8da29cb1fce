import fc from 'fast-check'
import '../support/properties.ts'
import type { RecordedEvent } from '../../src/platform/events/event-log.ts'
import { EventQueue, MOST_WAITING } from '../../src/platform/events/event-queue.ts'
import {
  decodePosition,
  encodePosition,
  MAX_CURSOR,
  type Position,
} from '../../src/platform/events/position.ts'
import { hasSeen, oldestUnseen, snapshotOf } from '../../src/platform/events/snapshot.ts'

const snapshots = fc
  .record({
    next: fc.bigInt(1n, 2n ** 62n),
    distances: fc.uniqueArray(fc.bigInt(1n, 1_000_000n), { maxLength: 30 }),
  })
  .map(({ next, distances }) => ({
    next,
    running: distances
      .map(distance => next - distance)
      .filter(xid => xid > 0n)
      .sort((a, b) => (a < b ? -1 : 1)),
  }))
const positions: fc.Arbitrary<Position> = fc.oneof(
  snapshots.map(seen => ({ seen })),
  fc
    .record({ seen: snapshots, later: fc.bigInt(0n, 2n ** 61n), seq: fc.bigInt(0n, 2n ** 63n - 1n) })
    .map(({ seen, later, seq }) => ({
      seen,
      reading: { through: { next: seen.next + later, running: [] }, seq },
    })),
)

test('a position comes back from its cursor', () => {
  fc.assert(
    fc.property(positions, position => expect(decodePosition(encodePosition(position))).toEqual(position)),
  )
})

test('what is no cursor is none, and a cursor that is changed is none or another one', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => expect(decodePosition(text)).toBeNull()))
  fc.assert(
    fc.property(positions, fc.nat(), fc.nat(63), (position, at, to) => {
      const cursor = encodePosition(position)
      const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const i = at % cursor.length
      const forged = cursor.slice(0, i) + digits[to] + cursor.slice(i + 1)
      const read = decodePosition(forged)
      expect(read === null || encodePosition(read) === forged || forged === cursor).toBe(true)
    }),
  )
})

test('a cursor of a thousand running transactions twice over is not too long', () => {
  const running = Array.from({ length: 1_000 }, (_, i) => 10n ** 9n + BigInt(i * 1_000))
  const seen = { next: 10n ** 9n + 10n ** 6n, running }
  const cursor = encodePosition({ seen, reading: { through: seen, seq: 10n ** 9n } })
  expect(cursor.length).toBeLessThan(MAX_CURSOR)
  expect(decodePosition(cursor)).not.toBeNull()
})

test('a snapshot has seen what was committed before, and nothing else', () => {
  const snapshot = snapshotOf('10:20:12,15')
  const seen = [9n, 10n, 11n, 12n, 14n, 15n, 19n, 20n, 21n].filter(xid => hasSeen(snapshot, xid))
  expect(seen).toEqual([9n, 10n, 11n, 14n, 19n])
  expect([oldestUnseen(snapshot), oldestUnseen(snapshotOf('20:20:'))]).toEqual([12n, 20n])
})

test('a queue ends with its reason when too much waits, and hands out what came before', async () => {
  const events = (count: number) => Array.from({ length: count }, () => ({}) as RecordedEvent)
  const ended = new AbortController()
  const queue = new EventQueue(ended.signal)
  const taken = queue[Symbol.asyncIterator]()
  queue.add(events(MOST_WAITING + 1))
  expect((await taken.next()).value).toHaveLength(MOST_WAITING + 1)
  queue.add(events(MOST_WAITING))
  queue.add(events(1))
  await expect(taken.next()).rejects.toMatchObject({ code: 'SUBSCRIBER_TOO_SLOW' })
  const other = new EventQueue(ended.signal)
  const waiting = other[Symbol.asyncIterator]().next()
  ended.abort()
  expect(await waiting).toEqual({ done: true, value: undefined })
})
