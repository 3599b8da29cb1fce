import type { Database } from '../../platform/db/database.ts'
import { isUniqueViolation } from '../../platform/db/pg-errors.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { authorize, reachableMedia, restorableMedia } from '../access/policy.ts'
import type { Principal, Viewer } from '../access/viewer.ts'
import { mediaErrors, mediaNotFound } from '../media/media.errors.ts'
import { ALL_COLUMNS, FACT_COLUMNS, type MediaColumn, type MediaRow, selectList } from '../media/media.row.ts'
import { EXPIRY_COLUMNS, type ExpiringMedia, type ExpiryTerms } from '../media/media-expiry.ts'

const JUDGED_COLUMNS: ReadonlySet<MediaColumn> = new Set([...FACT_COLUMNS, ...EXPIRY_COLUMNS])

export interface RestoreDeps {
  readonly database: Database
  readonly outbox: Outbox
  readonly expiry: Pick<ExpiryTerms, 'restored'>
}

/** Takes media out of the trash, as they were when they went there. */
export class RestoreService {
  constructor(private readonly deps: RestoreDeps) {}

  /**
   * The media, in every list again; one that is not in the trash is given as it is, so that a request may come twice. Throws
   * NOT_FOUND, FORBIDDEN, NAME_TAKEN when another media has its name by now, and INVALID_INPUT when a binding rule lets nobody keep
   * it any longer.
   */
  async restore(viewer: Viewer, id: string): Promise<MediaRow> {
    const principal = authorize(viewer, 'restore')
    if (!isUuid(id)) throw mediaNotFound(['input', 'id'])
    const media = (await this.#restore(principal, id)) ?? (await this.#find(principal, id))
    if (!media) throw mediaNotFound(['input', 'id'])
    return media
  }

  async #restore(viewer: Principal, id: string): Promise<MediaRow | undefined> {
    const { accountId } = viewer
    try {
      return await this.deps.database.transaction(async tx => {
        const p = new SqlParameters()
        const [deleted]: ExpiringMedia[] = await tx.query(
          `SELECT ${selectList(JUDGED_COLUMNS)}, clock_timestamp() AS now FROM media m
           WHERE m.id = ${p.add(id)} AND ${restorableMedia(viewer, p)} FOR NO KEY UPDATE`,
          p.values,
        )
        if (!deleted) return undefined
        const { expiresAt, expiresBy, expiresForGood } = this.deps.expiry.restored(deleted) ?? deleted
        const [[media]] = (await tx.query(
          `UPDATE media m SET deleted_at = NULL, purge_at = NULL, expires_at = $2, expires_by = $3, expires_for_good = $4,
             updated_at = clock_timestamp(), version = m.version + 1
           WHERE m.id = $1 RETURNING ${selectList(ALL_COLUMNS)}`,
          [id, expiresAt, expiresBy, expiresForGood],
        )) as [MediaRow[], number]
        await this.deps.outbox.append(tx, { accountId, type: 'media.restored', mediaId: id })
        return media
      })
    } catch (error) {
      if (!isUniqueViolation(error, 'media_name_key')) throw error
      throw mediaErrors.NAME_TAKEN(
        'Another media of this account has its name by now. Rename that one first.',
        {
          field: ['input', 'id'],
          cause: error,
        },
      )
    }
  }

  async #find(viewer: Principal, id: string): Promise<MediaRow | undefined> {
    const p = new SqlParameters()
    const [media] = await this.deps.database.query<MediaRow>(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = ${p.add(id)} AND ${reachableMedia(viewer, 'restore', p)}`,
      p.values,
    )
    return media
  }
}
