import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Sql } from '../../platform/db/database.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import { resultGone } from '../../platform/idempotency/idempotency.errors.ts'
import { authorize, reachableMedia } from '../access/policy.ts'
import { hasScope, type Principal, type Viewer } from '../access/viewer.ts'
import { Media } from '../media/media.entity.ts'
import { type MediaFields, mediaColumns } from '../media/media.fields.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../media/media.row.ts'
import type { DuplicatePolicy } from './duplicate-policy.ts'
import { contentColumns, insertVersion } from './media-content.ts'
import type { Arrived, Purpose } from './purpose.ts'

interface Wanted {
  readonly viewer: Principal
  /** What the user says about it, checked. */
  readonly columns: Readonly<Record<string, unknown>>
}

/** Whether `media m` is as its upload made it. */
const AS_UPLOADED: SqlText = 'm.version = 1'
/** As its import made it: the content that came is a change of the row, and the only one. */
export const AS_IMPORTED: SqlText = `m.version = CASE m.status WHEN 'PENDING' THEN 1 ELSE 2 END`

/** Writes the rows of a media whose bytes have arrived. */
export class NewMedia {
  constructor(private readonly deps: { database: Sql; outbox: Outbox; newId: () => string }) {}

  /** Throws UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT. */
  purpose(asker: Viewer, fields: MediaFields, _onDuplicate: DuplicatePolicy = 'KEEP'): Purpose {
    const viewer = authorize(asker, 'create')
    const columns = mediaColumns(fields)
    return {
      viewer,
      check: async () => undefined,
      write: (tx, arrived) => this.#insert(tx, { viewer, columns }, arrived),
      again: id => this.again(viewer, id),
    }
  }

  /** The media, its first version, its event and its key, in the transaction that makes the blob live. */
  async #insert(tx: EntityManager, { viewer, columns }: Wanted, arrived: Arrived): Promise<MediaRow> {
    const id = this.deps.newId()
    await arrived.once.claim(tx, id, arrived.content.sha256)
    await tx.insert(Media, {
      ...columns,
      id,
      hash: randomUUID(),
      accountId: viewer.accountId,
      ownerId: viewer.ownerId,
      applicationId: viewer.applicationId,
      ...contentColumns(arrived),
    })
    await insertVersion(tx, arrived, { mediaId: id, n: 1 })
    await this.deps.outbox.append(tx, { accountId: viewer.accountId, type: 'media.created', mediaId: id })
    const [media] = await tx.query(`SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = $1`, [id])
    return media
  }

  /** The media whose content this blob is, or was: what a commit has made whose answer was lost. */
  async find(blobId: string): Promise<MediaRow | null> {
    const rows = await this.deps.database.query<MediaRow>(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m JOIN media_version v ON v.media_id = m.id WHERE v.blob_id = $1`,
      [blobId],
    )
    return rows[0] ?? null
  }

  /**
   * The media that the viewer has made before, as it is now; who may not read it gets it as long as it is as it was made. Throws
   * IDEMPOTENCY_RESULT_GONE.
   */
  async again(viewer: Principal, id: string, asMade = AS_UPLOADED): Promise<MediaRow> {
    const p = new SqlParameters()
    const isMine = `m.account_id = ${p.add(viewer.accountId)} AND m.deleted_at IS NULL`
    const mayRead = hasScope(viewer, 'media:read') ? reachableMedia(viewer, 'read', p) : 'false'
    const [media] = await this.deps.database.query<MediaRow>(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = ${p.add(id)} AND ${isMine} AND (${asMade} OR ${mayRead})`,
      p.values,
    )
    if (!media) throw resultGone()
    return media
  }
}
