import type { EntityManager } from 'typeorm'
import { recordChange } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../../platform/db/keyset.ts'
import { readPage } from '../../../platform/db/page.ts'
import { SqlParameters } from '../../../platform/db/sql-builder.ts'
import type { EventLog } from '../../../platform/events/event-log.ts'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { resultGone } from '../../../platform/idempotency/idempotency.errors.ts'
import type { Idempotency } from '../../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import { type Once, onlyOnce } from '../../../platform/idempotency/once.ts'
import { authorizeAdmin, authorizeGrant } from '../../access/policy.ts'
import type { Principal, Viewer } from '../../access/viewer.ts'
import { mediaErrors } from '../../media/media.errors.ts'
import { LATEST_VERSION } from '../payload/versions.ts'
import { uuidsOf, WEBHOOK_PREFIX } from '../webhook-ids.ts'
import { newSalt, type WebhookSecrets } from '../webhook-secrets.ts'
import { MAX_WEBHOOKS, tooManyWebhooks, webhookNotFound } from '../webhooks.errors.ts'
import { type Places, type WebhookFields, webhookColumns } from './webhook.fields.ts'
import { WEBHOOK_COLUMNS, type WebhookRow } from './webhook.row.ts'

export type NewWebhook = Omit<WebhookFields, 'url'> & { readonly url: string }

export interface WebhookChange extends WebhookFields {
  readonly id: string
  readonly enabled?: boolean | null
}

export interface IssuedWebhook {
  readonly webhook: WebhookRow
  /** Null when the same request has made the webhook before. */
  readonly secret: string | null
}

export interface WebhookServiceDeps {
  readonly database: Database
  readonly log: Pick<EventLog, 'now'>
  readonly idempotency: Pick<Idempotency, 'once'>
  readonly secrets: WebhookSecrets
  readonly places: Places
  readonly newId: () => string
  /** What is due may have changed. */
  readonly look: () => void
}

const NEWEST_FIRST: KeysetOrder = {
  name: 'webhooks',
  keys: [
    { sql: 'w.created_at', type: 'timestamptz' },
    { sql: 'w.id', type: 'uuid' },
  ],
  descending: true,
}

const KEEP_OLD_SECONDS = 86_400
export const LONGEST_KEEP_OLD = 7 * 86_400

/** The webhooks of the viewer's own account, for its administrators; those of another one are not there. */
export class WebhookService {
  constructor(private readonly deps: WebhookServiceDeps) {}

  /**
   * The new webhook, which hears of what is committed from now on, and its secret for the only time. Throws FORBIDDEN,
   * INVALID_INPUT, URL_NOT_ALLOWED, WEBHOOKS_OFF, TOO_MANY_WEBHOOKS.
   */
  async create(viewer: Viewer, wanted: NewWebhook, keyed?: KeyedRequest): Promise<IssuedWebhook> {
    const principal = authorizeTelling(viewer)
    const once = this.deps.idempotency.once(principal, keyed)
    return onlyOnce(once, {
      create: () => this.#make(principal, wanted, once),
      again: async id => {
        const webhook = (await this.getMany(viewer, [id])).get(id)
        if (!webhook) throw resultGone()
        return { webhook, secret: null }
      },
    })
  }

  async #make({ accountId, name }: Principal, wanted: NewWebhook, once: Once): Promise<IssuedWebhook> {
    const { database, log, secrets, places, newId } = this.deps
    const [id, salt] = [newId(), newSalt()]
    const said = webhookColumns(
      { ...wanted, payloadVersion: wanted.payloadVersion ?? LATEST_VERSION },
      places,
    )
    const { seen } = await log.now()
    const columns: Record<string, unknown> = {
      id,
      account_id: accountId,
      created_by: name,
      secret_salt: salt,
      seen_next: String(seen.next),
      seen_running: seen.running.map(String),
      ...said,
    }
    const names = Object.keys(columns)
    const webhook = await database.transaction(async tx => {
      await once.claim(tx, WEBHOOK_PREFIX + id)
      await checkNumber(tx, accountId)
      const [row]: WebhookRow[] = await tx.query(
        `INSERT INTO webhook AS w (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})
         RETURNING ${WEBHOOK_COLUMNS}`,
        Object.values(columns),
      )
      await recordChange(tx, { accountId, action: 'webhook.created', subjectId: WEBHOOK_PREFIX + id })
      return row as WebhookRow
    })
    this.deps.look()
    return { webhook, secret: secrets.shown(id, salt) }
  }

  /**
   * Enabled again, it goes on where it stood, and what waits is tried at once. Throws FORBIDDEN, NOT_FOUND, INVALID_INPUT,
   * URL_NOT_ALLOWED, WEBHOOKS_OFF.
   */
  async update(viewer: Viewer, { id, enabled, ...fields }: WebhookChange): Promise<WebhookRow> {
    const principal = authorizeTelling(viewer)
    const webhookId = known(id)
    const columns = Object.entries(webhookColumns(fields, this.deps.places))
    const p = new SqlParameters()
    const set = [
      'updated_at = clock_timestamp()',
      ...columns.map(([name, value]) => `${name} = ${p.add(value)}`),
    ]
    if (enabled === true) set.push(...ENABLED)
    if (enabled === false) set.push(...DISABLED)
    const where = `w.id = ${p.add(webhookId)} AND w.account_id = ${p.add(principal.accountId)}`
    const webhook = await this.deps.database.transaction(async tx => {
      const [[row]] = (await tx.query(
        `UPDATE webhook w SET ${set.join(', ')} WHERE ${where} RETURNING ${WEBHOOK_COLUMNS}`,
        p.values,
      )) as [WebhookRow[], number]
      if (!row) throw webhookNotFound()
      if (enabled) {
        await tx.query(
          `UPDATE webhook_delivery SET next_attempt_at = least(next_attempt_at, clock_timestamp())
           WHERE webhook_id = $1 AND state = 'WAITING'`,
          [webhookId],
        )
      }
      await recordChange(tx, {
        accountId: principal.accountId,
        action: 'webhook.updated',
        subjectId: id,
        details: { fields: columns.map(([name]) => name), ...(enabled == null ? {} : { enabled }) },
      })
      return row
    })
    this.deps.look()
    return webhook
  }

  /** Its deliveries go with it; an attempt that is under way ends. Throws FORBIDDEN, NOT_FOUND. */
  async delete(viewer: Viewer, id: string): Promise<string> {
    const { accountId } = authorizeAdmin(viewer)
    const webhookId = known(id)
    await this.deps.database.transaction(async tx => {
      const [, count] = (await tx.query('DELETE FROM webhook WHERE id = $1 AND account_id = $2', [
        webhookId,
        accountId,
      ])) as [unknown, number]
      if (count === 0) throw webhookNotFound()
      await recordChange(tx, { accountId, action: 'webhook.deleted', subjectId: id })
    })
    return id
  }

  /**
   * A new secret, shown for the only time; the one before signs beside it for a while. Throws FORBIDDEN, NOT_FOUND,
   * INVALID_INPUT.
   */
  async rotateSecret(viewer: Viewer, id: string, keepOldFor = KEEP_OLD_SECONDS): Promise<IssuedWebhook> {
    const { accountId } = authorizeAdmin(viewer)
    if (!(keepOldFor >= 0 && keepOldFor <= LONGEST_KEEP_OLD)) {
      throw mediaErrors.INVALID_INPUT(`keepOldForSeconds takes 0 to ${LONGEST_KEEP_OLD}.`, {
        field: ['input', 'keepOldForSeconds'],
      })
    }
    const [webhookId, salt] = [known(id), newSalt()]
    const webhook = await this.deps.database.transaction(async tx => {
      const [[row]] = (await tx.query(
        `UPDATE webhook w SET secret_salt = $3, updated_at = clock_timestamp(),
         old_secret_salt = CASE WHEN $4 > 0 THEN w.secret_salt END,
         old_secret_until = CASE WHEN $4 > 0 THEN clock_timestamp() + $4 * interval '1 second' END
       WHERE w.id = $1 AND w.account_id = $2 RETURNING ${WEBHOOK_COLUMNS}`,
        [webhookId, accountId, salt, keepOldFor],
      )) as [WebhookRow[], number]
      if (!row) throw webhookNotFound()
      await recordChange(tx, {
        accountId,
        action: 'webhook.secretRotated',
        subjectId: id,
        details: { keepOldFor },
      })
      return row
    })
    return { webhook, secret: this.deps.secrets.shown(webhookId, salt) }
  }

  async list(viewer: Viewer, page: PageArguments): Promise<Connection<WebhookRow>> {
    const { accountId } = authorizeAdmin(viewer)
    return readPage(this.deps.database, {
      select: WEBHOOK_COLUMNS,
      from: 'webhook w',
      where: p => `w.account_id = ${p.add(accountId)}`,
      order: NEWEST_FIRST,
      page: pageRequest(page),
    })
  }

  /** The webhooks of these ids that the viewer may see, by id. */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<Map<string, WebhookRow>> {
    const { accountId } = authorizeAdmin(viewer)
    const rows = await this.deps.database.query<WebhookRow>(
      `SELECT ${WEBHOOK_COLUMNS} FROM webhook w WHERE w.id = ANY ($1::uuid[]) AND w.account_id = $2`,
      [uuidsOf(WEBHOOK_PREFIX, ids), accountId],
    )
    return new Map(rows.map(webhook => [webhook.id, webhook]))
  }
}

/** A webhook tells somebody what media:read shows: who lets it needs that scope as well. */
function authorizeTelling(viewer: Viewer): Principal {
  const principal = authorizeAdmin(viewer)
  authorizeGrant(principal, ['media:read'])
  return principal
}

const ENABLED = ['disabled_at', 'disabled_reason', 'failing_since', 'paused_until']
  .map(column => `${column} = NULL`)
  .concat('failures = 0')
const DISABLED = [
  'disabled_at = coalesce(w.disabled_at, clock_timestamp())',
  `disabled_reason = coalesce(w.disabled_reason, 'REQUESTED')`,
]

function known(id: string): string {
  const [uuid] = uuidsOf(WEBHOOK_PREFIX, [id])
  if (!uuid) throw webhookNotFound()
  return uuid
}

/** One after the other in an account, or two would both be the last one that is allowed. */
async function checkNumber(tx: EntityManager, accountId: string): Promise<void> {
  await tx.query('SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId])
  const [sum]: { n: number }[] = await tx.query(
    'SELECT count(*)::int AS n FROM webhook WHERE account_id = $1',
    [accountId],
  )
  if ((sum?.n ?? 0) >= MAX_WEBHOOKS) throw tooManyWebhooks()
}
