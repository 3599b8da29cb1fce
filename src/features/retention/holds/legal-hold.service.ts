import type { Database } from '../../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../../platform/db/keyset.ts'
import { readPage } from '../../../platform/db/page.ts'
import { SqlParameters } from '../../../platform/db/sql-builder.ts'
import type { Outbox } from '../../../platform/events/outbox.ts'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { isStorable } from '../../../platform/lib/storable-text.ts'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import { authorize, reachableMedia } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { mediaErrors, mediaNotFound } from '../../media/media.errors.ts'
import { HOLD_COLUMNS, LEGAL_HOLD_PREFIX, type LegalHoldRow } from './legal-hold.row.ts'
import { holdNotFound, MAX_OPEN_HOLDS, tooManyHolds } from './legal-holds.errors.ts'

export interface NewLegalHold {
  readonly mediaId: string
  /** 1 to 1 000 characters, blanks around it not counted. */
  readonly reason: string
  /** Whether the media may lie in the trash. */
  readonly includeDeleted?: boolean | null
}

export interface LegalHoldsRequest {
  readonly page: PageArguments
  readonly mediaId?: string | null
  readonly includeReleased?: boolean | null
}

const NEWEST_FIRST: KeysetOrder = {
  name: 'legal-holds',
  keys: [
    { sql: 'h.created_at', type: 'timestamptz' },
    { sql: 'h.id', type: 'uuid' },
  ],
  descending: true,
}

const MAX_REASON = 1_000

/**
 * Applies, releases and lists legal holds, for administrators. What is held is neither deleted nor removed from the trash, by
 * anybody, until each of its holds is released. A hold begins with the lock on the media's row that a deletion takes, too.
 */
export class LegalHoldService {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly outbox: Outbox
      readonly newId: () => string
    },
  ) {}

  /** The new hold, in force once this has answered. Throws NOT_FOUND, FORBIDDEN, INVALID_INPUT, TOO_MANY_HOLDS. */
  async apply(viewer: Viewer, { mediaId, reason, includeDeleted }: NewLegalHold): Promise<LegalHoldRow> {
    const principal = authorize(viewer, 'hold')
    const { accountId, name: author } = principal
    const text = checkedReason(reason)
    if (!isUuid(mediaId)) throw mediaNotFound(['input', 'mediaId'])
    return this.deps.database.transaction(async tx => {
      const p = new SqlParameters()
      const where = [`m.id = ${p.add(mediaId)}`, reachableMedia(principal, 'hold', p)]
      if (!includeDeleted) where.push('m.deleted_at IS NULL')
      const [media] = (await tx.query(
        `SELECT m.open_holds AS "openHolds" FROM media m WHERE ${where.join(' AND ')} FOR NO KEY UPDATE`,
        p.values,
      )) as { openHolds: number }[]
      if (!media) throw mediaNotFound(['input', 'mediaId'])
      if (media.openHolds >= MAX_OPEN_HOLDS) throw tooManyHolds()
      const [hold] = (await tx.query(
        `INSERT INTO legal_hold AS h (id, account_id, media_id, reason, author)
         VALUES ($1, $2, $3, $4, $5) RETURNING ${HOLD_COLUMNS}`,
        [this.deps.newId(), accountId, mediaId, text, author],
      )) as LegalHoldRow[]
      await tx.query(`UPDATE media SET open_holds = open_holds + 1 WHERE id = $1`, [mediaId])
      await this.deps.outbox.append(tx, {
        accountId,
        type: 'media.held',
        mediaId,
        details: { hold: hold?.id ?? null },
      })
      return hold as LegalHoldRow
    })
  }

  /** Ends a hold; one that was released before keeps its time and its name. Throws NOT_FOUND, FORBIDDEN. */
  async release(viewer: Viewer, id: string): Promise<LegalHoldRow> {
    const principal = authorize(viewer, 'release')
    const { accountId, name } = principal
    const p = new SqlParameters()
    const released = `released_at = clock_timestamp(), released_by = ${p.add(name)}`
    const where = `h.id = ${p.add(uuidsOf([id])[0] ?? null, 'uuid')} AND ${reachableMedia(principal, 'release', p)}`
    const ended = await this.deps.database.transaction(async tx => {
      const [[hold]] = (await tx.query(
        `UPDATE legal_hold h SET ${released} FROM media m
         WHERE m.id = h.media_id AND h.released_at IS NULL AND ${where} RETURNING ${HOLD_COLUMNS}`,
        p.values,
      )) as [LegalHoldRow[], number]
      if (!hold) return null
      const { mediaId } = hold
      await tx.query(`UPDATE media SET open_holds = open_holds - 1 WHERE id = $1`, [mediaId])
      await this.deps.outbox.append(tx, {
        accountId,
        type: 'media.released',
        mediaId,
        details: { hold: hold.id },
      })
      return hold
    })
    const hold = ended ?? (await this.getMany(viewer, [id])).get(id)
    if (!hold) throw holdNotFound()
    return hold
  }

  /** The holds of the account, newest first, on what lies in the trash too; those that were released if asked for. */
  async list(viewer: Viewer, request: LegalHoldsRequest): Promise<Connection<LegalHoldRow>> {
    const principal = authorize(viewer, 'hold')
    const { page, mediaId, includeReleased } = request
    return readPage<LegalHoldRow>(this.deps.database, {
      select: HOLD_COLUMNS,
      from: 'legal_hold h JOIN media m ON m.id = h.media_id',
      where: p => {
        const conditions = [
          `h.account_id = ${p.add(principal.accountId)}`,
          reachableMedia(principal, 'hold', p),
        ]
        if (!includeReleased) conditions.push('h.released_at IS NULL')
        if (mediaId != null) conditions.push(isUuid(mediaId) ? `h.media_id = ${p.add(mediaId)}` : 'false')
        return conditions.join(' AND ')
      },
      order: NEWEST_FIRST,
      page: pageRequest(page),
    })
  }

  /** The holds of these ids that the viewer may see, by id. */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<Map<string, LegalHoldRow>> {
    const principal = authorize(viewer, 'hold')
    const p = new SqlParameters()
    const holds = await this.deps.database.query<LegalHoldRow>(
      `SELECT ${HOLD_COLUMNS} FROM legal_hold h JOIN media m ON m.id = h.media_id
       WHERE h.id = ANY (${p.add(uuidsOf(ids), 'uuid[]')}) AND ${reachableMedia(principal, 'hold', p)}`,
      p.values,
    )
    return new Map(holds.map(hold => [hold.id, hold]))
  }
}

function checkedReason(text: string): string {
  const reason = text.trim()
  const ok = reason !== '' && [...reason].length <= MAX_REASON && isStorable(reason)
  if (ok) return reason
  throw mediaErrors.INVALID_INPUT(
    `reason takes 1 to ${MAX_REASON} characters, without U+0000 and halves of surrogate pairs.`,
    { field: ['input', 'reason'] },
  )
}

const uuidsOf = (ids: readonly string[]): string[] =>
  ids
    .filter(id => id.startsWith(LEGAL_HOLD_PREFIX))
    .map(id => id.slice(LEGAL_HOLD_PREFIX.length))
    .filter(isUuid)

export { LEGAL_HOLD_PREFIX, type LegalHoldRow }
