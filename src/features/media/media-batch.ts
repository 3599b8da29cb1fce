import { asAppError } from '../../platform/errors.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaErrors } from './media.errors.ts'
import type { MediaFilter } from './media.filter.ts'
import type { ChangedFields, Outcome, Wish } from './media-change.ts'
import type { BatchOptions, BatchResult, MediaChanges } from './media-changes.service.ts'

interface UpdateBatch extends BatchOptions {
  readonly items?: readonly (Wish & ChangedFields)[] | null
  readonly filter?: MediaFilter | null
  readonly set?: ChangedFields | null
}

interface DeleteBatch extends BatchOptions {
  readonly ids?: readonly string[] | null
  readonly items?: readonly Wish[] | null
  readonly filter?: MediaFilter | null
}

/** A batch of changes as a door takes it: items, or a filter and what to set. Throws INVALID_INPUT for neither and for both. */
export async function updateBatch(
  changes: Pick<MediaChanges, 'updateMany' | 'updateMatching'>,
  viewer: Viewer,
  { items, filter, set, ...options }: UpdateBatch,
): Promise<BatchResult> {
  only({ items, filter })
  if ((filter == null) !== (set == null)) throw malformed('set', 'filter and set belong together')
  if (filter != null) {
    const fields = set ?? {}
    const place = ['input', 'set']
    const done = changes.updateMatching(viewer, { filter, fields }, options)
    return inPlace(await done.catch(inInput(place)), (_, rest) => [...place, ...rest])
  }
  const wishes = (items ?? []).map(({ id, ifMatch, ...fields }) => ({ id, ifMatch, fields }))
  const done = changes.updateMany(viewer, wishes, options)
  return inPlace(await done.catch(inInput(['input'])), (index, rest) => ['input', 'items', index, ...rest])
}

/** A batch of deletions as a door takes it: ids, items, or a filter. Throws INVALID_INPUT for none and for several. */
export async function deleteBatch(
  changes: Pick<MediaChanges, 'deleteMany' | 'deleteMatching'>,
  viewer: Viewer,
  { ids, items, filter, ...options }: DeleteBatch,
): Promise<BatchResult> {
  only({ ids, items, filter })
  if (filter != null) return changes.deleteMatching(viewer, filter, options).catch(inInput(['input']))
  const done = changes.deleteMany(viewer, items ?? (ids ?? []).map(id => ({ id })), options)
  return inPlace(await done.catch(inInput(['input'], items ? 'items' : 'ids')), (index, rest) =>
    items ? ['input', 'items', index, ...rest] : ['input', 'ids', index],
  )
}

/** Exactly one of these ways to say which media; throws INVALID_INPUT. */
export function only(ways: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(ways).filter(way => ways[way] != null)
  if (given.length === 1) return
  const names = Object.keys(ways).join(', ')
  throw malformed(given[1] ?? Object.keys(ways)[0] ?? '', `say which media by exactly one of: ${names}`)
}

const malformed = (field: string, why: string) =>
  mediaErrors.INVALID_INPUT(`This is no batch: ${why}.`, { field: ['input', field] })

/** Where a field of one media stands in the input of the batch. */
type Place = (index: string, rest: readonly string[]) => readonly string[]

/** The refusals with the paths that the fields of one media have in this batch. */
const inPlace = (result: BatchResult, place: Place): BatchResult => ({
  ...result,
  outcomes: result.outcomes.map((outcome, index): Outcome => {
    const { refused } = outcome
    const [, ...rest] = refused?.field ?? []
    return refused?.field ? { ...outcome, refused: refused.about(place(String(index), rest)) } : outcome
  }),
})

/** What is wrong with the whole batch: `input` stands for what each media is to become, all else for a part of the input. */
export const inInput =
  (set: readonly string[], list = 'items') =>
  (error: unknown): never => {
    const { field: [first, ...rest] = [] } = asAppError(error)
    if (first === undefined) throw error
    if (first === 'input') throw asAppError(error).about([...set, ...rest])
    if (first !== 'items') throw asAppError(error).about(['input', first, ...rest])
    // One of `ids` is the id itself, and has no field of this name.
    throw asAppError(error).about(['input', list, ...(list === 'ids' ? rest.slice(0, 1) : rest)])
  }
