import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { commonErrors } from '../../../platform/errors.ts'
import { type StorageKey, storageKey } from '../../../platform/storage/key.ts'

/** Whose variants: those of one content of one account. */
export interface VariantOwner {
  readonly accountId: string
  readonly sha256: string
}

/** A picture that lies in a store. */
export interface StoredVariant {
  readonly storeId: string
  readonly key: StorageKey
  /** Bytes. */
  readonly size: number
  readonly mimeType: string
  /** Pixels. */
  readonly width: number
  readonly height: number
}

export type PictureFacts = Pick<StoredVariant, 'mimeType' | 'width' | 'height'>

/** Another node has made the same variant meanwhile. */
export class TwinCame extends Error {}

const contentGone = () => commonErrors.NOT_FOUND('The media was deleted for good meanwhile.')

/** The table of variants, found by what they are made from. */
export class VariantRows {
  constructor(private readonly deps: { readonly database: Database }) {}

  /** The variant of that name, whose bytes are there; notes, once an hour, that it is used. */
  async find({ accountId, sha256 }: VariantOwner, name: string): Promise<StoredVariant | null> {
    const [row] = await this.deps.database.query<StoredVariant & { unnoticed: boolean }>(
      `SELECT b.store_id AS "storeId", b.key, b.size::float8 AS size, v.mime_type AS "mimeType", v.width, v.height,
              v.last_used_at < clock_timestamp() - interval '1 hour' AS unnoticed
       FROM variant v JOIN blob b ON b.id = v.blob_id
       WHERE v.account_id = $1 AND v.sha256 = $2 AND v.recipe = $3 AND b.state = 'live'`,
      [accountId, sha256, name],
    )
    if (!row) return null
    const { unnoticed, ...variant } = row
    if (unnoticed) await this.#noticeUse(accountId, sha256, name)
    return { ...variant, key: storageKey(variant.key) }
  }

  /**
   * Part of the transaction that makes its blob live. Throws TwinCame when there is one whose bytes are there; one without them goes.
   * Throws NOT_FOUND when no media has the content any more: a purge has taken all variants, or waits for this one.
   */
  async insert(
    tx: EntityManager,
    { accountId, sha256, name, blobId }: VariantOwner & { readonly name: string; readonly blobId: string },
    { mimeType, width, height }: PictureFacts,
  ): Promise<void> {
    const kept: unknown[] = await tx.query(
      `SELECT 1 FROM media_version n JOIN media m ON m.id = n.media_id
       WHERE n.sha256 = $2 AND m.account_id = $1 LIMIT 1 FOR KEY SHARE OF n`,
      [accountId, sha256],
    )
    if (kept.length === 0) throw contentGone()
    await tx.query(
      `WITH gone AS (DELETE FROM variant v USING blob b
         WHERE v.account_id = $1 AND v.sha256 = $2 AND v.recipe = $3 AND b.id = v.blob_id AND b.state <> 'live' RETURNING b.id)
       UPDATE blob SET state = 'doomed', doom_at = clock_timestamp(), lease_until = NULL, fence = fence + 1
       WHERE id IN (SELECT id FROM gone)`,
      [accountId, sha256, name],
    )
    const rows: unknown[] = await tx.query(
      `INSERT INTO variant (account_id, sha256, recipe, blob_id, mime_type, width, height)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, sha256, recipe) DO NOTHING RETURNING blob_id`,
      [accountId, sha256, name, blobId, mimeType, width, height],
    )
    if (rows.length === 0) throw new TwinCame()
  }

  async #noticeUse(accountId: string, sha256: string, name: string): Promise<void> {
    await this.deps.database.query(
      `UPDATE variant SET last_used_at = clock_timestamp() WHERE account_id = $1 AND sha256 = $2 AND recipe = $3`,
      [accountId, sha256, name],
    )
  }
}
