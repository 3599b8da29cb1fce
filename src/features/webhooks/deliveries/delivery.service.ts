import type { EntityManager } from 'typeorm'
import { recordChange } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import { type PageArguments, pageRequest } from '../../../platform/db/keyset.ts'
import { type NestedList, NestedPages } from '../../../platform/db/nested-pages.ts'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { resultGone } from '../../../platform/idempotency/idempotency.errors.ts'
import type { Idempotency } from '../../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import { type Once, onlyOnce } from '../../../platform/idempotency/once.ts'
import { authorizeAdmin } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { DELIVERY_PREFIX, uuidsOf, WEBHOOK_PREFIX } from '../webhook-ids.ts'
import { deliveryNotFound, webhookDisabled, webhookNotFound } from '../webhooks.errors.ts'
import { DELIVERY_COLUMNS, type DeliveryRow, type DeliveryState } from './delivery.row.ts'

export interface Redelivered {
  /** How many wait now that did not, or sooner than they would have. */
  readonly count: number
  /** Of one that was named. */
  readonly delivery: DeliveryRow | null
}

export interface DeliveryServiceDeps {
  readonly database: Database
  readonly idempotency: Pick<Idempotency, 'once'>
  readonly newId: () => string
  /** What is due may have changed. */
  readonly look: () => void
}

const listOf = (state: DeliveryState | null): NestedList => ({
  select: DELIVERY_COLUMNS,
  from: 'webhook_delivery d',
  where: (parent, p) => `d.webhook_id = ${parent}${state ? ` AND d.state = ${p.add(state)}` : ''}`,
  order: {
    name: `webhook-deliveries:${state ?? 'ALL'}`,
    keys: [
      { sql: 'd.created_at', type: 'timestamptz' },
      { sql: 'd.id', type: 'uuid' },
    ],
    descending: true,
  },
})

/**
 * Behind whatever waits for the webhook by now, and with all its attempts ahead of it: what is told again says how the media is
 * then, so that its place among later events makes no difference to who has got those.
 */
const AGAIN = `state = 'WAITING', settled_at = NULL, attempts = 0, next_attempt_at = clock_timestamp(), seq = DEFAULT`

/** What was told to the webhooks of the viewer's own account, and what shall be told again; for its administrators. */
export class DeliveryService {
  readonly #pages: NestedPages<DeliveryRow>

  constructor(private readonly deps: DeliveryServiceDeps) {
    this.#pages = new NestedPages(deps)
  }

  /** The deliveries of a webhook that the viewer was shown, newest first. For many webhooks at a time one query. */
  async list(
    viewer: Viewer,
    webhookId: string,
    { state, ...page }: PageArguments & { readonly state?: DeliveryState | null },
  ): Promise<Connection<DeliveryRow>> {
    authorizeAdmin(viewer)
    const [parent = ''] = uuidsOf(WEBHOOK_PREFIX, [webhookId])
    return this.#pages.load(viewer, { list: listOf(state ?? null), parent, page: pageRequest(page) })
  }

  /** The deliveries of these ids that the viewer may see, by id. */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<Map<string, DeliveryRow>> {
    const { accountId } = authorizeAdmin(viewer)
    const rows = await this.deps.database.query<DeliveryRow>(
      `SELECT ${DELIVERY_COLUMNS} FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
       WHERE d.id = ANY ($1::uuid[]) AND w.account_id = $2`,
      [uuidsOf(DELIVERY_PREFIX, ids), accountId],
    )
    return new Map(rows.map(delivery => [delivery.id, delivery]))
  }

  /**
   * One delivery, whatever became of it, or all that are dead of a webhook. One that waits is tried at once, in its place and with the
   * attempts that it has left. Throws FORBIDDEN,
   * NOT_FOUND, WEBHOOK_DISABLED.
   */
  async redeliver(viewer: Viewer, id: string): Promise<Redelivered> {
    const { accountId } = authorizeAdmin(viewer)
    const again = async (tx: EntityManager) => {
      const [webhookId] = uuidsOf(WEBHOOK_PREFIX, [id])
      if (webhookId) {
        await lockEnabled(tx, { accountId, webhookId }, webhookNotFound)
        return changed(tx, `${AGAIN} WHERE webhook_id = $1 AND state = 'DEAD'`, webhookId)
      }
      const [deliveryId] = uuidsOf(DELIVERY_PREFIX, [id])
      if (!deliveryId) throw deliveryNotFound()
      await lockEnabled(tx, { accountId, deliveryId }, deliveryNotFound)
      const settled = await changed(tx, `${AGAIN} WHERE id = $1 AND state <> 'WAITING'`, deliveryId)
      const soon = `next_attempt_at = least(next_attempt_at, clock_timestamp()) WHERE id = $1 AND state = 'WAITING'`
      return settled || changed(tx, soon, deliveryId)
    }
    const count = await this.deps.database.transaction(async tx => {
      const count = await again(tx)
      await recordChange(tx, { accountId, action: 'webhook.redelivered', subjectId: id, details: { count } })
      return count
    })
    this.deps.look()
    return { count, delivery: (await this.getMany(viewer, [id])).get(id) ?? null }
  }

  /** A delivery of `webhook.test`. Throws FORBIDDEN, NOT_FOUND, WEBHOOK_DISABLED. */
  async test(viewer: Viewer, id: string, keyed?: KeyedRequest): Promise<DeliveryRow> {
    const principal = authorizeAdmin(viewer)
    const once = this.deps.idempotency.once(principal, keyed)
    const delivery = await onlyOnce(once, {
      create: () => this.#makeTest(principal.accountId, id, once),
      again: async made => {
        const delivery = (await this.getMany(viewer, [made])).get(made)
        if (!delivery) throw resultGone()
        return delivery
      },
    })
    this.deps.look()
    return delivery
  }

  async #makeTest(accountId: string, id: string, once: Once): Promise<DeliveryRow> {
    const [webhookId] = uuidsOf(WEBHOOK_PREFIX, [id])
    if (!webhookId) throw webhookNotFound()
    const deliveryId = this.deps.newId()
    return this.deps.database.transaction(async tx => {
      await once.claim(tx, DELIVERY_PREFIX + deliveryId)
      await lockEnabled(tx, { accountId, webhookId }, webhookNotFound)
      const [delivery]: DeliveryRow[] = await tx.query(
        `INSERT INTO webhook_delivery AS d (id, webhook_id, event_id, type, details, occurred_at)
         VALUES ($1, $2, $3, 'webhook.test', '{}', clock_timestamp()) RETURNING ${DELIVERY_COLUMNS}`,
        [deliveryId, webhookId, this.deps.newId()],
      )
      await recordChange(tx, { accountId, action: 'webhook.tested', subjectId: id })
      return delivery as DeliveryRow
    })
  }
}

interface Named {
  readonly accountId: string
  readonly webhookId?: string
  readonly deliveryId?: string
}

/** Keeps the webhook as it is; its row is locked ahead of its deliveries everywhere. */
async function lockEnabled(tx: EntityManager, named: Named, notFound: () => Error): Promise<void> {
  const { accountId, webhookId = null, deliveryId = null } = named
  const [webhook]: { isDisabled: boolean }[] = await tx.query(
    `SELECT w.disabled_at IS NOT NULL AS "isDisabled" FROM webhook w WHERE w.account_id = $1
     AND w.id = coalesce($2::uuid, (SELECT d.webhook_id FROM webhook_delivery d WHERE d.id = $3::uuid)) FOR NO KEY UPDATE`,
    [accountId, webhookId, deliveryId],
  )
  if (!webhook) throw notFound()
  if (webhook.isDisabled) throw webhookDisabled()
}

async function changed(tx: EntityManager, statement: string, id: string): Promise<number> {
  const [, count] = (await tx.query(`UPDATE webhook_delivery SET ${statement}`, [id])) as [unknown, number]
  return count
}
