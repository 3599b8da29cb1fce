import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { SqlParameters } from '../../../platform/db/sql-builder.ts'
import { EventLog, isKept, type RecordedEvent } from '../../../platform/events/event-log.ts'
import { decodePosition, encodePosition, type Position } from '../../../platform/events/position.ts'
import type { Principal } from '../../access/viewer.ts'
import { mediaEventType } from '../../events/media-event-type.ts'
import { filterConditions, type MediaFilter } from '../../media/media.filter.ts'
import { WebhookDelivery } from '../deliveries/webhook-delivery.entity.ts'
import { isNotice } from '../payload/versions.ts'
import { WEBHOOK_PREFIX } from '../webhook-ids.ts'

interface Reader {
  readonly id: string
  readonly accountId: string
  readonly eventTypes: readonly string[] | null
  readonly filter: MediaFilter | null
  readonly seenNext: string
  readonly seenRunning: readonly string[]
  readonly reading: string | null
  readonly gapHorizon: string
}

/** More than these do not wait for one webhook: what comes behind them waits in the outbox, for as long as that is kept. */
export const MOST_WAITING = 2_000
/** A webhook to whose account nothing happens is moved on as often, or it would seem to have missed what was removed meanwhile. */
const IDLE_MINUTES = 10
const WEBHOOKS_AT_ONCE = 100

/** Turns events into deliveries, one for each webhook that wants it. Where a webhook stands is moved on in the same transaction. */
export class Spread {
  constructor(private readonly deps: { readonly database: Database; readonly newId: () => string }) {}

  /** Webhooks for which there is something to read, by their UUIDs. */
  async behind(): Promise<string[]> {
    const rows = await this.deps.database.query<{ id: string }>(
      `SELECT w.id FROM webhook w
       WHERE w.disabled_at IS NULL
         AND (w.reading IS NOT NULL OR w.looked_at < clock_timestamp() - ${IDLE_MINUTES} * interval '1 minute'
           OR EXISTS (SELECT 1 FROM outbox o WHERE o.account_id = w.account_id
             AND (o.xid >= w.seen_next OR o.xid = ANY (w.seen_running))
             AND o.xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint))
         AND (SELECT count(*) FROM (SELECT 1 FROM webhook_delivery d
           WHERE d.webhook_id = w.id AND d.state = 'WAITING' LIMIT ${MOST_WAITING}) AS first) < ${MOST_WAITING}
       ORDER BY w.looked_at LIMIT ${WEBHOOKS_AT_ONCE}`,
    )
    return rows.map(({ id }) => id)
  }

  /** Reads one page for a webhook, and makes its deliveries. */
  async take(webhookId: string): Promise<void> {
    await this.deps.database.transaction(async tx => {
      const [reader]: Reader[] = await tx.query(
        `SELECT w.id, w.account_id AS "accountId", w.event_types AS "eventTypes", w.filter, w.seen_next AS "seenNext",
           w.seen_running AS "seenRunning", w.reading, w.gap_horizon AS "gapHorizon"
         FROM webhook w WHERE w.id = $1 AND w.disabled_at IS NULL FOR NO KEY UPDATE`,
        [webhookId],
      )
      if (!reader) return
      const log = new EventLog({ database: { query: (text, values) => tx.query(text, values as unknown[]) } })
      const from = positionOf(reader)
      const page = await log.read(from, [reader.accountId])
      // Of another server: what happened there meanwhile nobody knows here.
      const isElsewhere = (from.reading?.through ?? from.seen).next > page.now.next
      const isGap = isElsewhere || (!isKept(from, page.horizon) && page.horizon > BigInt(reader.gapHorizon))
      const wanted = await this.#wanted(tx, reader, page.events)
      if (isGap) await this.#tellGap(tx, reader, page.horizon)
      if (wanted.length > 0)
        await tx.insert(
          WebhookDelivery,
          wanted.map(event => this.#delivery(reader, event)),
        )
      await moveOn(tx, reader.id, isElsewhere ? { seen: page.now } : page.position)
    })
  }

  #delivery({ id: webhookId }: Reader, { id: eventId, type, mediaId, payload, occurredAt }: RecordedEvent) {
    const details = mediaId === null ? (payload as object) : null
    return { id: this.deps.newId(), webhookId, eventId, type, mediaId, details, occurredAt }
  }

  /** Once for each time that anything was removed behind its back. */
  async #tellGap(tx: EntityManager, { id: webhookId }: Reader, horizon: bigint): Promise<void> {
    const [gap]: { now: Date }[] = await tx.query('SELECT clock_timestamp() AS now')
    const occurredAt = gap?.now as Date
    const told = { webhookId, eventId: this.deps.newId(), type: 'webhook.gap', mediaId: null, details: {} }
    await tx.insert(WebhookDelivery, { id: this.deps.newId(), ...told, occurredAt })
    await tx.query('UPDATE webhook SET gap_horizon = $2, gap_at = $3 WHERE id = $1', [
      webhookId,
      String(horizon),
      occurredAt,
    ])
  }

  /** Judged when it is read, mostly at once. Of what is gone for good nobody can say whether it matched: that it is gone is told. */
  async #wanted(
    tx: EntityManager,
    { id, accountId, eventTypes, filter }: Reader,
    events: readonly RecordedEvent[],
  ): Promise<RecordedEvent[]> {
    const own = WEBHOOK_PREFIX + id
    const asked = events.filter(({ type, mediaId, payload }) =>
      isNotice(type)
        ? payload.webhookId !== own
        : mediaEventType(type) && mediaId !== null && (eventTypes === null || eventTypes.includes(type)),
    )
    const ids = [...new Set(asked.flatMap(({ mediaId }) => mediaId ?? []))]
    if (!filter || ids.length === 0) return asked
    const parameters = new SqlParameters()
    const among = `m.account_id = ${parameters.add(accountId)} AND m.id = ANY (${parameters.add(ids, 'uuid[]')})`
    const conditions = filterConditions(filter, { viewer: accountItself(accountId), parameters })
    const others: { id: string }[] = await tx.query(
      `SELECT m.id FROM media m WHERE ${among} AND (${conditions.join(' AND ') || 'true'}) IS NOT TRUE`,
      parameters.values,
    )
    const unwanted = new Set(others.map(media => media.id))
    return asked.filter(({ mediaId }) => mediaId === null || !unwanted.has(mediaId))
  }
}

const positionOf = ({ seenNext, seenRunning, reading }: Reader): Position =>
  (reading === null ? null : decodePosition(reading)) ?? {
    seen: { next: BigInt(seenNext), running: seenRunning.map(BigInt) },
  }

async function moveOn(tx: EntityManager, id: string, position: Position): Promise<void> {
  const { seen } = position
  await tx.query(
    `UPDATE webhook SET seen_next = $2, seen_running = $3, reading = $4, looked_at = clock_timestamp() WHERE id = $1`,
    [id, String(seen.next), seen.running.map(String), position.reading ? encodePosition(position) : null],
  )
}

/** Who looks when no person does: a webhook is the account's, and an administrator has made it. */
const accountItself = (accountId: string): Principal => ({
  kind: 'principal',
  accountId,
  name: 'webhooks',
  scopes: new Set(['media:read']),
  ownerId: null,
  groupIds: [],
  applicationId: null,
  acl: null,
})
