import type { Database } from '../../platform/db/database.ts'
import type { Fault } from '../../platform/fault.ts'
import type { Storage } from '../../platform/storage/storage.ts'
import type { BlobService, Removed } from './blob.service.ts'
import type { StoreEpochs } from './epochs/store-epochs.ts'

export interface Reaped {
  /** Uploads whose lease had run out. */
  readonly expired: number
  /** Blobs whose bytes and row are gone now. */
  readonly removed: number
  /** Blobs that could not be removed now; they are tried again after a minute. */
  readonly failed: number
}

const BATCH = 100

/**
 * Clears what broken-off uploads and deletions left behind. Any node, at any time, several at once. What is doomed stays so in every
 * later state of the database, so that an older backup may remove it as well; what is staged in a backup may be live in the state that
 * was lost, and is left alone where the store knows a later one.
 */
export class Reaper {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly blobs: BlobService
      readonly epochs: Pick<StoreEpochs, 'standing'>
      readonly storage: Pick<Storage, 'storeIds' | 'refuses'>
      readonly fault: Fault
      readonly onLeftover: (error: unknown) => void
    },
  ) {}

  async run(): Promise<Reaped> {
    const expired = await this.#doomExpired()
    let removed = 0
    let failed = 0
    for (let claimed = await this.#claim(); claimed.length > 0; claimed = await this.#claim()) {
      for (const blob of claimed) {
        try {
          await this.deps.blobs.remove(blob)
          removed++
        } catch (error) {
          this.deps.onLeftover(error)
          failed++
        }
      }
    }
    return { expired, removed, failed }
  }

  /** R1: whoever still writes such a blob holds an old fence from now on and can no longer commit. */
  async #doomExpired(): Promise<number> {
    const stores = await this.#storesWithExpired()
    if (stores.length === 0) return 0
    const doomed = await this.deps.database.transaction(async tx => {
      const rows: unknown[] = (
        await tx.query(
          `UPDATE blob SET state = 'doomed', doom_at = now(), fence = fence + 1, lease_until = NULL
           WHERE id IN (SELECT id FROM blob WHERE state = 'staged' AND lease_until < clock_timestamp()
                        AND store_id = ANY ($1) FOR UPDATE SKIP LOCKED) RETURNING id`,
          [stores],
        )
      )[0]
      await this.deps.fault.hit('R1.beforeCommit')
      return rows.length
    })
    await this.deps.fault.hit('R1.afterCommit')
    return doomed
  }

  /** Where uploads have run out, and no later state of the database may have committed them. A store that cannot be asked waits. */
  async #storesWithExpired(): Promise<string[]> {
    const { database, epochs, onLeftover } = this.deps
    const rows = await database.query<{ storeId: string }>(
      `SELECT DISTINCT store_id AS "storeId" FROM blob WHERE state = 'staged' AND lease_until < clock_timestamp()`,
    )
    const stores: string[] = []
    for (const { storeId } of rows) {
      try {
        const { state } = await epochs.standing(storeId)
        if (state !== 'ahead') stores.push(storeId)
      } catch (error) {
        onLeftover(error)
      }
    }
    return stores
  }

  /**
   * Takes some doomed blobs for a minute, so that two reapers do not do the same work. Never bytes of a media under legal hold, and
   * none of a store that is away: all of them would only fail.
   */
  async #claim(): Promise<Removed[]> {
    const { database, storage } = this.deps
    const away = storage.storeIds.filter(id => storage.refuses(id))
    return database.query(
      `UPDATE blob SET lease_until = clock_timestamp() + interval '1 minute'
       WHERE id IN (SELECT id FROM blob
                    WHERE state = 'doomed' AND doom_at <= clock_timestamp() AND store_id <> ALL ($1)
                      AND (lease_until IS NULL OR lease_until < clock_timestamp())
                      AND NOT EXISTS (SELECT 1 FROM media_version v JOIN media m ON m.id = v.media_id
                                      WHERE v.blob_id = blob.id AND m.open_holds > 0)
                    ORDER BY doom_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
       RETURNING id, store_id AS "storeId", key, multipart_id AS handle`,
      [away],
    )
  }
}
