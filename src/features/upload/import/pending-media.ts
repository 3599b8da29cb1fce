import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import type { Outbox } from '../../../platform/events/outbox.ts'
import type { Principal } from '../../access/viewer.ts'
import { Media } from '../../media/media.entity.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../../media/media.row.ts'
import type { ExpiryTerms } from '../../media/media-expiry.ts'
import type { ExpiredNames } from '../../media/media-names.ts'
import type { ContentRows } from '../content-rows.ts'
import type { ArrivedContent } from '../purpose.ts'
import { kindOf } from '../sniff/kind-of.ts'
import { deletedMeanwhile } from './import.errors.ts'
import { MediaImport } from './media-import.entity.ts'

export interface Announced {
  readonly id: string
  readonly viewer: Principal
  /** What the user says about it, checked. */
  readonly columns: Readonly<Record<string, unknown>>
  readonly url: string
  readonly fileName: string | null
  /** What it is called until its content comes. */
  readonly label: string
  /** Where its bytes go as far as that is known now. */
  readonly storeId: string
  /** The store that was asked for; null where the rules decide once the type is known. */
  readonly wanted: string | null
}

/** A media that waits for its content, and where that comes from. */
export interface Waiting {
  readonly accountId: string
  readonly url: string
  readonly fileName: string | null
  /** The store that was asked for. */
  readonly storeId: string | null
  readonly isDeleted: boolean
}

/** What is not known before the first byte. */
const UNKNOWN_TYPE = 'application/octet-stream'

/** Media without content: announced, then completed or failed, each once and in one transaction. */
export class PendingMedia {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly outbox: Outbox
      readonly contents: Pick<ContentRows, 'set'>
      readonly expiry: Pick<ExpiryTerms, 'begun'>
      readonly expiredNames: ExpiredNames
    },
  ) {}

  async announce(tx: EntityManager, { viewer, columns, ...announced }: Announced): Promise<MediaRow> {
    const { id, url, fileName, label, storeId, wanted } = announced
    const { accountId } = viewer
    if (typeof columns.name === 'string')
      await this.deps.expiredNames.free(tx, { accountId, name: columns.name })
    await tx.insert(Media, {
      ...columns,
      id,
      hash: randomUUID(),
      accountId,
      ownerId: viewer.ownerId,
      applicationId: viewer.applicationId,
      door: 'import',
      mimeType: UNKNOWN_TYPE,
      kind: kindOf(UNKNOWN_TYPE),
      originalFileName: label,
      status: 'PENDING',
      storeId,
    })
    await tx.insert(MediaImport, { mediaId: id, url, fileName, storeId: wanted })
    await this.deps.outbox.append(tx, { accountId, type: 'media.created', mediaId: id })
    return this.deps.expiry.begun(tx, await readMedia(tx, id))
  }

  /** Null for what waits for nothing. */
  async find(id: string): Promise<Waiting | null> {
    const [row] = await this.deps.database.query<Waiting>(
      `SELECT m.account_id AS "accountId", i.url, i.file_name AS "fileName", i.store_id AS "storeId", m.deleted_at IS NOT NULL AS "isDeleted"
       FROM media_import i JOIN media m ON m.id = i.media_id WHERE i.media_id = $1 AND m.status = 'PENDING'`,
      [id],
    )
    return row ?? null
  }

  /** Gives it its content, in the transaction that makes the blob live; rejects with NotFetched when it waits no longer. */
  async complete(tx: EntityManager, id: string, arrived: ArrivedContent): Promise<MediaRow> {
    const media = await this.deps.contents.set(tx, arrived, {
      mediaId: id,
      condition: `m.status = 'PENDING' AND m.deleted_at IS NULL`,
      replaced: null,
    })
    if (!media) throw deletedMeanwhile()
    await tx.delete(MediaImport, { mediaId: id })
    await this.deps.outbox.append(tx, { accountId: media.accountId, type: 'media.completed', mediaId: id })
    return media
  }

  /** Says that no content will come, and why; nothing where none is waited for. Of what is deleted nobody is told. */
  async fail(id: string, reason: string): Promise<void> {
    await this.deps.database.transaction(async tx => {
      const [[media]] = (await tx.query(
        `UPDATE media SET status = 'FAILED', status_reason = $2, version = version + 1, updated_at = clock_timestamp()
         WHERE id = $1 AND status = 'PENDING' RETURNING account_id AS "accountId", deleted_at IS NOT NULL AS "isDeleted"`,
        [id, reason],
      )) as [{ accountId: string; isDeleted: boolean }[], number]
      if (!media) return
      await tx.delete(MediaImport, { mediaId: id })
      if (media.isDeleted) return
      await this.deps.outbox.append(tx, { accountId: media.accountId, type: 'media.failed', mediaId: id })
    })
  }
}

async function readMedia(tx: EntityManager, id: string): Promise<MediaRow> {
  const [media] = await tx.query(`SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = $1`, [id])
  return media
}
