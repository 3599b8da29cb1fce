import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import { AppError, asAppError } from '../../platform/errors.ts'
import { authorize } from '../access/policy.ts'
import type { Principal, Viewer } from '../access/viewer.ts'
import { batchTooLarge, batchUndone, mediaErrors, mediaNotFound, revisionConflict } from './media.errors.ts'
import type { MediaFilter } from './media.filter.ts'
import { ALL_COLUMNS, type MediaColumn, type MediaRow } from './media.row.ts'
import {
  type Change,
  type ChangedFields,
  changedAlike,
  deletion,
  type Outcome,
  type UpdateWish,
  update,
  type Wish,
} from './media-change.ts'
import type { Expiry, ExpiryTerms } from './media-expiry.ts'
import { type LockedMedia, type Locking, lockMatches, lockMedia, refusalsOf } from './media-locks.ts'
import type { MediaRemoval } from './media-removal.ts'
import { revisionOf } from './media-revision.ts'
import type { MediaWriter, Patch } from './media-writer.ts'

/** Media that one batch takes by their ids. */
export const MOST_ITEMS = 100

export interface BatchOptions {
  /** All or nothing. */
  readonly atomic?: boolean
  /** Says what would become of it, and changes nothing. */
  readonly dryRun?: boolean
  /** Of a deletion: no trash, and what lies there goes, too. */
  readonly permanent?: boolean
  /** Of a deletion: no trash, for doors whose systems have none; what lies there already is not found. */
  readonly withoutTrash?: boolean
  /** What is read of the changed media; all of them without it. */
  readonly columns?: ReadonlySet<MediaColumn>
}

export type DeleteOptions = Pick<BatchOptions, 'permanent' | 'withoutTrash'>

export interface Deleted {
  readonly id: string
  /** When the last of its bytes were gone; null while they are not. */
  readonly purgedAt: Date | null
}

export interface BatchResult {
  /** One for each media: in the order of the wishes, or oldest first. */
  readonly outcomes: readonly Outcome[]
  /** How many were changed; in a dry run, how many would be. */
  readonly count: number
  /** BATCH_UNDONE when an atomic batch came to nothing. */
  readonly undone: AppError | null
}

const VERBS = {
  update: { action: 'update', event: 'media.updated' },
  delete: { action: 'delete', event: 'media.deleted' },
} as const
type Verb = (typeof VERBS)[keyof typeof VERBS]

/** Finds out which media, in the transaction, and locks them. */
type Selection = (
  tx: EntityManager,
  locking: Locking,
) => Promise<{ changes: readonly Change[]; locked: readonly LockedMedia[] }>

interface Job {
  readonly viewer: Principal
  readonly verb: Verb
  readonly select: Selection
  readonly options: BatchOptions
}

/** Ends a transaction whose work shall not stand, and carries what was found out. */
class Undone extends Error {
  constructor(readonly outcomes: readonly Outcome[]) {
    super('undone')
  }
}

/**
 * Changes and deletes media: one, some or all that match, each batch in one transaction. What a viewer may not see is not
 * found, what belongs to somebody else is refused, one by one and in the same words whether it comes alone or in a batch.
 */
export class MediaChanges {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly writer: MediaWriter
      readonly removal: MediaRemoval
      readonly expiry: Pick<ExpiryTerms, 'changed'>
    },
  ) {}

  /** Changes the given fields and no others; throws NOT_FOUND, FORBIDDEN, REVISION_CONFLICT, NAME_TAKEN, INVALID_INPUT. */
  async update(viewer: Viewer, wish: UpdateWish): Promise<MediaRow> {
    return single(await this.updateMany(viewer, [wish]))
  }

  /** Takes the media out of every list and every read; its bytes go when its time in the trash is over, or at once. */
  async delete(viewer: Viewer, wish: Wish, options: DeleteOptions = {}): Promise<Deleted> {
    const result = await this.deleteMany(viewer, [wish], options)
    return { id: single(result).id, purgedAt: result.outcomes[0]?.purgedAt ?? null }
  }

  /** Throws BATCH_TOO_LARGE, and INVALID_INPUT for a media that is named twice. */
  async updateMany(
    viewer: Viewer,
    wishes: readonly UpdateWish[],
    options: BatchOptions = {},
  ): Promise<BatchResult> {
    const principal = authorize(viewer, 'update')
    checkItems(wishes)
    const select = these(wishes.map(update))
    return this.#run({ viewer: principal, verb: VERBS.update, select, options })
  }

  async deleteMany(
    viewer: Viewer,
    wishes: readonly Wish[],
    options: BatchOptions = {},
  ): Promise<BatchResult> {
    const principal = authorize(viewer, 'delete')
    checkItems(wishes)
    const select = these(wishes.map(deletion))
    return this.#delete({ viewer: principal, verb: VERBS.delete, select, options })
  }

  /** Changes alike all media that match and that the viewer may see and change; throws BATCH_TOO_LARGE, INVALID_INPUT. */
  async updateMatching(
    viewer: Viewer,
    { filter, fields }: { readonly filter: MediaFilter; readonly fields: ChangedFields },
    options: BatchOptions = {},
  ): Promise<BatchResult> {
    const principal = authorize(viewer, 'update')
    // Without the right to list, what a filter matches is nobody's to find out by changing it.
    authorize(viewer, 'list')
    const select = matching(filter, changedAlike(fields))
    return this.#run({ viewer: principal, verb: VERBS.update, select, options })
  }

  async deleteMatching(
    viewer: Viewer,
    filter: MediaFilter,
    options: BatchOptions = {},
  ): Promise<BatchResult> {
    const principal = authorize(viewer, 'delete')
    authorize(viewer, 'list')
    const select = matching(filter, { columns: {}, tags: null })
    return this.#delete({ viewer: principal, verb: VERBS.delete, select, options })
  }

  /** What went for good is not yet gone: the request takes the bytes as well, as far as it can. */
  async #delete(job: Job): Promise<BatchResult> {
    const result = await this.#run(job)
    const gone = isForGood(job.options) ? result.outcomes.flatMap(({ media }) => media?.id ?? []) : []
    if (gone.length === 0) return result
    const purged = await this.deps.removal.finish(gone)
    const outcomes = result.outcomes.map(outcome => ({
      ...outcome,
      purgedAt: purged.get(outcome.id) ?? null,
    }))
    return { ...result, outcomes }
  }

  async #run(job: Job): Promise<BatchResult> {
    try {
      const outcomes = await this.deps.database.transaction(tx => this.#attempt(tx, job))
      return { outcomes, count: outcomes.filter(({ media }) => media).length, undone: null }
    } catch (error) {
      if (!(error instanceof Undone)) throw error
      const { outcomes } = error
      const isRefused = (job.options.atomic ?? false) && outcomes.some(({ refused }) => refused)
      return {
        outcomes: outcomes.map(outcome => ({ ...outcome, media: null })),
        count: isRefused ? 0 : outcomes.filter(({ refused }) => !refused).length,
        undone: isRefused ? batchUndone() : null,
      }
    }
  }

  async #attempt(tx: EntityManager, { viewer, verb, select, options }: Job): Promise<readonly Outcome[]> {
    const { atomic = false, dryRun = false, permanent = false } = options
    const forGood = isForGood(options)
    const locking = { viewer, action: verb.action, dryRun, permanent, forGood }
    const { changes, locked } = await select(tx, locking)
    const { patches, refusals } = judge(changes, locked, (media, changed) =>
      this.deps.expiry.changed(viewer, media, changed),
    )
    const unseen = changes.map(({ id }) => id).filter(id => !patches.has(id) && !refusals.has(id))
    for (const [id, refused] of await refusalsOf(tx, unseen, locking)) refusals.set(id, refused)
    const isLost = atomic && refusals.size > 0
    // Only the database knows whether a name is taken: even a dry run has to try.
    const isTried = !isLost && (!dryRun || [...patches.values()].some(({ columns }) => columns.name != null))
    const written = isTried
      ? await this.#write(tx, [...patches.values()], { viewer, verb, options })
      : new Map<string, MediaRow | AppError>()
    const outcomes = changes.map(({ id }): Outcome => {
      const now = written.get(id)
      const isRow = now !== undefined && !(now instanceof AppError)
      return {
        id,
        media: isRow ? now : null,
        refused: refusals.get(id) ?? (now instanceof AppError ? now : null),
      }
    })
    if (dryRun || (atomic && outcomes.some(({ refused }) => refused))) throw new Undone(outcomes)
    return outcomes
  }

  async #write(
    tx: EntityManager,
    patches: readonly Patch[],
    { viewer, verb, options }: Omit<Job, 'select'>,
  ): Promise<ReadonlyMap<string, MediaRow | AppError>> {
    const { columns = ALL_COLUMNS } = options
    if (isForGood(options)) {
      const ids = patches.map(({ id }) => id)
      const removed = await this.deps.removal.remove(tx, { ids, by: viewer.name })
      return new Map(removed.map(media => [media.id, media]))
    }
    const { accountId } = viewer
    return this.deps.writer.write(tx, patches, {
      accountId,
      event: verb.event,
      returning: columns,
    })
  }
}

const isForGood = ({ permanent = false, withoutTrash = false }: BatchOptions): boolean =>
  permanent || withoutTrash

const these =
  (changes: readonly Change[]): Selection =>
  async (tx, locking) => {
    const ids = changes.filter(({ refused }) => !refused).map(({ id }) => id)
    return { changes, locked: ids.length === 0 ? [] : await lockMedia(tx, ids, locking) }
  }

const matching =
  (filter: MediaFilter, alike: Pick<Change, 'columns' | 'tags'>): Selection =>
  async (tx, locking) => {
    const locked = await lockMatches(tx, filter, locking)
    return { changes: locked.map(({ id }) => ({ ...alike, id, refused: null })), locked }
  }

/** What the locked media become, and why others do not; in neither is who was not there to be locked. */
function judge(
  changes: readonly Change[],
  locked: readonly LockedMedia[],
  expiryOf: (media: LockedMedia, changed: Patch['own']) => Expiry | null,
): { patches: Map<string, Patch>; refusals: Map<string, AppError> } {
  const present = new Map(locked.map(media => [media.id, media]))
  const patches = new Map<string, Patch>()
  const refusals = new Map<string, AppError>()
  for (const change of changes) {
    const { id, ifMatch, columns, tags, refused } = change
    const media = present.get(id)
    if (refused) refusals.set(id, refused)
    if (refused || !media) continue
    const revision = revisionOf(media)
    try {
      if (ifMatch != null && ifMatch !== revision) throw revisionConflict(revision)
      const own = tags ? { tags: tags(media.tags) } : {}
      patches.set(id, { id, columns, own: { ...own, ...expiryOf(media, { ...columns, ...own }) } })
    } catch (error) {
      refusals.set(id, asAppError(error))
    }
  }
  return { patches, refusals }
}

/** Throws BATCH_TOO_LARGE, and INVALID_INPUT for a media that is named twice. */
export function checkItems(wishes: readonly Wish[]): void {
  if (wishes.length > MOST_ITEMS) throw batchTooLarge('items', { maximum: MOST_ITEMS, count: wishes.length })
  const seen = new Set<string>()
  for (const [index, { id }] of wishes.entries()) {
    if (seen.has(id)) {
      throw mediaErrors.INVALID_INPUT('The batch names this media twice. Name each one once.', {
        field: ['items', String(index), 'id'],
      })
    }
    seen.add(id)
  }
}

function single({ outcomes: [outcome] }: BatchResult): MediaRow {
  if (outcome?.media) return outcome.media
  throw outcome?.refused ?? mediaNotFound(['input', 'id'])
}
