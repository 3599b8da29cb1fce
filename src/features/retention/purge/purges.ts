import type { EntityManager } from 'typeorm'
import { recordChanges } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import { Deadline } from '../../../platform/db/deadline.ts'
import type { Outbox } from '../../../platform/events/outbox.ts'
import type { Fault } from '../../../platform/fault.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import type { BlobService, Removed } from '../../blobs/blob.service.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../../media/media.row.ts'
import type { MediaRemoval, Removing } from '../../media/media-removal.ts'
import { type OrphanedContent, removeTracesOfContents, removeTracesOfMedia } from './traces.ts'

export interface PurgesDeps {
  readonly database: Database
  readonly blobs: Pick<BlobService, 'remove'>
  readonly storage: Pick<Storage, 'refuses'>
  readonly outbox: Pick<Outbox, 'appendAll'>
  readonly fault: Fault
  /** Something could not be removed or written down now; the reaper and the next settlement try again. */
  readonly onLeftover: (error: unknown) => void
}

/** Who removes the bytes. */
export interface Following {
  /** Whether whoever asked does so at once; otherwise the reaper. */
  readonly atOnce: boolean
}

/** For so long the reaper leaves bytes to the request that removes them. */
const CLAIM_SECONDS = 60
/** A request removes bytes for so long; the reaper has the rest. */
const PATIENCE_MS = 20_000
const AT_ONE_TIME = 8
const BATCH = 500

/**
 * Removes media for good: first every row that says something about them, in one transaction, then their bytes, then it is written down and
 * told. What is killed in between goes on by itself: the reaper takes doomed bytes, and `settle` finds that none are left.
 */
export class Purges implements MediaRemoval {
  constructor(private readonly deps: PurgesDeps) {}

  async remove(
    tx: EntityManager,
    { ids, by }: Removing,
    { atOnce }: Following = { atOnce: true },
  ): Promise<readonly MediaRow[]> {
    if (ids.length === 0) return []
    const media: (MediaRow & { accountId: string; ownerId: string | null })[] = await tx.query(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = ANY ($1)`,
      [ids],
    )
    // Of two media that go at one time, and alone have a content, one must see that the other is gone.
    for (const accountId of [...new Set(media.map(({ accountId }) => accountId))].sort())
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('purge ' || $1, 0))`, [accountId])
    await tx.query(
      `INSERT INTO purge (media_id, account_id, owner_id, group_ids, requested_by, requested_at)
       SELECT id, account_id, owner_id, group_ids, $2, clock_timestamp() FROM media WHERE id = ANY ($1)`,
      [ids, by],
    )
    const contents = await contentsOf(tx, ids)
    await removeTracesOfMedia(tx, ids)
    await tx.query(`DELETE FROM media WHERE id = ANY ($1)`, [ids])
    await removeTracesOfContents(tx, await orphaned(tx, contents))
    // What left its media earlier, and has a grace, loses it.
    await tx.query(
      `UPDATE blob SET doom_at = clock_timestamp(), lease_until = clock_timestamp() + $2 * interval '1 second'
       WHERE of_media = ANY ($1) AND state = 'doomed'`,
      [ids, atOnce ? CLAIM_SECONDS : 0],
    )
    await this.deps.outbox.appendAll(tx, media.filter(isLive).map(deletionOf))
    // That they were deleted is known of what lay in the trash.
    const known = media.filter(one => !isLive(one))
    await recordChanges(
      tx,
      known.map(({ id: subjectId, accountId }) => ({ accountId, action: 'media.removed', subjectId })),
    )
    await this.deps.fault.hit('P1.beforeCommit')
    return media
  }

  async finish(ids: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    try {
      return await Deadline.aside(async () => {
        await this.deps.fault.hit('P1.afterCommit')
        await this.#removeBytes(ids)
        await this.deps.fault.hit('P2.beforeSettle')
        await this.settle(ids)
        await this.deps.fault.hit('P3.afterSettle')
        return this.#purged(ids)
      })
    } catch (error) {
      this.deps.onLeftover(error)
      return new Map()
    }
  }

  /** Writes down, and tells, which purges have no bytes left; gives their number. Any node, at any time, several at once. */
  async settle(ids: readonly string[] | null = null): Promise<number> {
    for (let settled = 0; ; ) {
      const batch = await this.#settleSome(ids)
      settled += batch
      if (batch < BATCH) return settled
    }
  }

  async #removeBytes(ids: readonly string[]): Promise<void> {
    const { database, blobs, storage, onLeftover } = this.deps
    const doomed = await database.query<Removed>(
      `SELECT id, store_id AS "storeId", key, multipart_id AS handle FROM blob
       WHERE of_media = ANY ($1) AND state = 'doomed' ORDER BY id`,
      [ids],
    )
    const until = performance.now() + PATIENCE_MS
    const next = doomed.values()
    const work = async () => {
      for (const blob of next) {
        if (performance.now() > until) return
        if (storage.refuses(blob.storeId)) continue
        await blobs.remove(blob).catch(onLeftover)
      }
    }
    await Promise.all(Array.from({ length: AT_ONE_TIME }, work))
  }

  async #settleSome(ids: readonly string[] | null): Promise<number> {
    return this.deps.database.transaction(async tx => {
      const [settled] = (await tx.query(
        `WITH empty AS (
           SELECT media_id, group_ids FROM purge p
           WHERE purged_at IS NULL AND ($1::uuid[] IS NULL OR media_id = ANY ($1))
             AND NOT EXISTS (SELECT FROM blob b WHERE b.of_media = p.media_id)
           ORDER BY media_id LIMIT ${BATCH} FOR UPDATE
         )
         UPDATE purge p SET purged_at = clock_timestamp(), group_ids = '{}' FROM empty
         WHERE p.media_id = empty.media_id
         RETURNING p.media_id AS "mediaId", p.account_id AS "accountId", p.owner_id AS "ownerId", empty.group_ids AS "groupIds"`,
        [ids],
      )) as [Settled[], number]
      const events = settled.map(({ mediaId, accountId, ...payload }) => ({
        accountId,
        type: 'media.purged',
        mediaId,
        payload,
      }))
      await this.deps.outbox.appendAll(tx, events)
      return settled.length
    })
  }

  async #purged(ids: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    const rows = await this.deps.database.query<{ id: string; purgedAt: Date }>(
      `SELECT media_id AS id, purged_at AS "purgedAt" FROM purge WHERE media_id = ANY ($1) AND purged_at IS NOT NULL`,
      [ids],
    )
    return new Map(rows.map(({ id, purgedAt }) => [id, purgedAt]))
  }
}

interface Settled {
  readonly mediaId: string
  readonly accountId: string
  readonly ownerId: string | null
  readonly groupIds: readonly string[]
}

const isLive = ({ deletedAt }: MediaRow): boolean => deletedAt == null

const deletionOf = ({ id, accountId, ownerId, groupIds }: MediaRow & { readonly accountId: string }) => ({
  accountId,
  type: 'media.deleted',
  mediaId: id,
  payload: { ownerId, groupIds },
  details: { permanent: true },
})

/** What the media have, and what they had as long as its bytes are still there. */
const contentsOf = (tx: EntityManager, ids: readonly string[]): Promise<OrphanedContent[]> =>
  tx.query(
    `SELECT DISTINCT ON (m.account_id, c.sha256) m.account_id AS "accountId", c.sha256, m.id AS "mediaId"
     FROM media m CROSS JOIN LATERAL (
       SELECT sha256 FROM media_version WHERE media_id = m.id
       UNION SELECT sha256 FROM blob WHERE of_media = m.id AND sha256 IS NOT NULL) c
     WHERE m.id = ANY ($1) ORDER BY m.account_id, c.sha256, m.id`,
    [ids],
  )

/** Those that no other media of the account has, in the trash or as a version. */
const orphaned = (tx: EntityManager, contents: readonly OrphanedContent[]): Promise<OrphanedContent[]> =>
  tx.query(
    `SELECT c."accountId", c.sha256, c."mediaId"
     FROM jsonb_to_recordset($1::jsonb) AS c ("accountId" text, sha256 text, "mediaId" uuid)
     WHERE NOT EXISTS (SELECT FROM media_version v JOIN media m ON m.id = v.media_id
                       WHERE v.sha256 = c.sha256 AND m.account_id = c."accountId")`,
    [JSON.stringify(contents)],
  )
