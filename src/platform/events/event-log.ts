import type { Sql } from '../db/database.ts'
import { encodePosition, type Position } from './position.ts'
import { oldestUnseen, type Snapshot, snapshotOf } from './snapshot.ts'

/** One event as it was written, and the cursor that stands behind it. */
export interface RecordedEvent {
  readonly id: string
  readonly xid: bigint
  readonly accountId: string
  readonly type: string
  readonly mediaId: string | null
  readonly payload: Readonly<Record<string, unknown>>
  readonly occurredAt: Date
  readonly cursor: string
}

export interface EventPage {
  readonly events: readonly RecordedEvent[]
  /** Behind the last of them. */
  readonly position: Position
  /** More have been committed already. */
  readonly more: boolean
  /** What the database had seen when it answered. */
  readonly now: Snapshot
  /** Events of this transaction and of earlier ones may have been removed. */
  readonly horizon: bigint
}

interface Row {
  readonly snapshot: string
  readonly horizon: string | null
  readonly id: string | null
  readonly xid: string
  readonly seq: string
  readonly accountId: string
  readonly type: string
  readonly mediaId: string | null
  readonly payload: Record<string, unknown>
  readonly occurredAt: Date
}

/** At most so many events in one page. */
export const PAGE = 500

/**
 * Reads the outbox in pages. What is new since a position is what the database has seen now and the position had not: an event
 * is there as soon as it is committed, whoever else still holds a transaction open, and none is passed over, since
 * a transaction that commits late is missing from every snapshot until then. Within a page the order is that of `seq`: what
 * was written in knowledge of another event comes after it. Decision 017 has the reasoning.
 */
export class EventLog {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** Where reading begins for who wants only what is committed from now on. */
  async now(): Promise<Position> {
    const [row] = await this.deps.database.query<{ snapshot: string }>(
      'SELECT pg_current_snapshot()::text AS snapshot',
    )
    return { seen: snapshotOf(row?.snapshot ?? '') }
  }

  /** What these accounts have behind the position. */
  async read(position: Position, accountIds: readonly string[]): Promise<EventPage> {
    const { seen, reading } = position
    const values = [
      accountIds,
      seen.next,
      seen.running,
      ...(reading ? [reading.seq, reading.through.next, reading.through.running] : []),
    ]
    // One statement has one snapshot: the one that it tells is the one that it reads by.
    const rows = await this.deps.database.query<Row>(
      `SELECT pg_current_snapshot()::text AS snapshot, (SELECT h.xid FROM outbox_horizon h) AS horizon, page.*
       FROM (SELECT 1) AS once LEFT JOIN (
         SELECT id, xid, seq, account_id AS "accountId", type, media_id AS "mediaId", payload, occurred_at AS "occurredAt"
         FROM outbox
         WHERE account_id = ANY ($1::text[]) AND (xid >= $2::bigint OR xid = ANY ($3::bigint[]))
         ${reading ? 'AND seq > $4::bigint AND xid < $5::bigint AND xid <> ALL ($6::bigint[])' : ''}
         ORDER BY seq LIMIT ${PAGE}) AS page ON true
       ORDER BY page.seq`,
      values.map(plain),
    )
    const now = snapshotOf(rows[0]?.snapshot ?? '')
    const through = reading?.through ?? now
    const found = rows.filter(row => row.id !== null)
    const more = found.length === PAGE
    const behind = (seq: string): Position => ({ seen, reading: { through, seq: BigInt(seq) } })
    // Behind the last event of an account there is nothing left of this reading.
    const lasts = new Set(more ? [] : new Map(found.map(row => [row.accountId, row])).values())
    return {
      events: found.map(row => eventOf(row, lasts.has(row) ? { seen: through } : behind(row.seq))),
      position: more ? behind((found.at(-1) as Row).seq) : { seen: through },
      // A reading that was begun earlier ends where it began; since then more may have come.
      more: more || reading !== undefined,
      now,
      horizon: BigInt(rows[0]?.horizon ?? 0),
    }
  }
}

/** Whether all that is behind the position is still there. */
export const isKept = ({ seen }: Position, horizon: bigint): boolean => horizon < oldestUnseen(seen)

const plain = (value: readonly (string | bigint)[] | bigint): unknown =>
  typeof value === 'bigint' ? String(value) : value.map(String)

function eventOf(
  { id, xid, accountId, type, mediaId, payload, occurredAt }: Row,
  at: Position,
): RecordedEvent {
  return {
    id: id as string,
    xid: BigInt(xid),
    accountId,
    type,
    mediaId,
    payload,
    occurredAt,
    cursor: encodePosition(at),
  }
}
