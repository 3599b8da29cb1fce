import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import { resultGone } from '../../platform/idempotency/idempotency.errors.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { authorize, reachableMedia } from '../access/policy.ts'
import { hasScope, type Principal, type Viewer } from '../access/viewer.ts'
import { mediaNotFound, revisionConflict } from '../media/media.errors.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../media/media.row.ts'
import type { Replaced } from '../media/media-expiry.ts'
import { type LockedMedia, type Locking, lockMedia, refusalsOf } from '../media/media-locks.ts'
import { revisionOf } from '../media/media-revision.ts'
import type { ContentRows } from './content-rows.ts'
import type { Arrived, Purpose } from './purpose.ts'

/** Whose content is replaced. */
export interface Replacement {
  readonly id: string
  /** The revision that the media must still have. */
  readonly ifMatch?: string | null
}

/**
 * Gives a media another content. What it had stays as a version of it; what is said about it stays as it is. Of two at once with
 * the same `ifMatch` exactly one happens: the second one waits for the row, and finds another revision.
 */
export class NewContent {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly outbox: Outbox
      readonly contents: Pick<ContentRows, 'set'>
    },
  ) {}

  /**
   * Throws UNAUTHENTICATED, FORBIDDEN, NOT_FOUND; `check` and `write` reject with LEGAL_HOLD and REVISION_CONFLICT, too, and `write` where the media would
   * expire sooner by its new content (`ExpiryTerms.replaced`).
   */
  purpose(asker: Viewer, wish: Replacement): Purpose {
    const viewer = authorize(asker, 'replace')
    if (!isUuid(wish.id)) throw mediaNotFound(['input', 'id'])
    const locking = { viewer, action: 'replace', dryRun: false } as const
    return {
      viewer,
      isNewItem: false,
      check: async () => {
        await this.deps.database.transaction(tx => demand(tx, wish, { ...locking, dryRun: true }))
      },
      write: async (tx, arrived) => {
        // Before the lock: a request that comes twice shall find that it has come, not another revision.
        await arrived.once.claim(tx, wish.id, arrived.content.sha256)
        const before = await demand(tx, wish, locking)
        return this.#write(tx, { viewer, before }, arrived)
      },
      again: id => this.#again(viewer, id),
    }
  }

  async #write(tx: EntityManager, replaced: Replaced, arrived: Arrived): Promise<MediaRow> {
    const { id } = replaced.before
    const media = await this.deps.contents.set(tx, arrived, {
      mediaId: id,
      condition: 'true',
      replaced,
    })
    if (!media) throw mediaNotFound(['input', 'id'])
    await this.deps.outbox.append(tx, { accountId: media.accountId, type: 'media.replaced', mediaId: id })
    return media
  }

  /** The media as it is now, for who may read it, or may still do to it what they have done. */
  async #again(viewer: Principal, id: string): Promise<MediaRow> {
    const p = new SqlParameters()
    const reached = [
      reachableMedia(viewer, 'replace', p),
      // A hold since then, which forbids another replacement, hides nothing of this one.
      reachableMedia(viewer, 'update', p),
      hasScope(viewer, 'media:read') ? reachableMedia(viewer, 'read', p) : 'false',
    ]
    const [media] = await this.deps.database.query<MediaRow>(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = ${p.add(id)} AND ((${reached.join(') OR (')}))`,
      p.values,
    )
    if (!media) throw resultGone()
    return media
  }
}

/** The media as it is, locked unless it is a dry run; rejects with NOT_FOUND, FORBIDDEN, LEGAL_HOLD, REVISION_CONFLICT. */
async function demand(
  tx: EntityManager,
  { id, ifMatch }: Replacement,
  locking: Locking,
): Promise<LockedMedia> {
  const [media] = await lockMedia(tx, [id], locking)
  if (!media) throw (await refusalsOf(tx, [id], locking)).get(id) ?? mediaNotFound(['input', 'id'])
  const revision = revisionOf(media)
  if (ifMatch != null && ifMatch !== revision) throw revisionConflict(revision)
  return media
}
