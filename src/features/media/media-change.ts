import type { AppError } from '../../platform/errors.ts'
import { asAppError } from '../../platform/errors.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { mediaErrors, mediaNotFound } from './media.errors.ts'
import { type MediaFields, mediaColumns } from './media.fields.ts'
import type { MediaRow } from './media.row.ts'

/** What a user may change about a media: fields, and single tags without having read the others. */
export interface ChangedFields extends MediaFields {
  readonly addTags?: readonly string[] | null
  readonly removeTags?: readonly string[] | null
}

/** A media that somebody wants changed or deleted. */
export interface Wish {
  readonly id: string
  /** The revision that it must still have; null and absent: whatever it has. */
  readonly ifMatch?: string | null
}

export interface UpdateWish extends Wish {
  readonly fields: ChangedFields
}

/** A wish as far as it can be judged without looking at the media. */
export interface Change extends Wish {
  readonly columns: Readonly<Record<string, unknown>>
  /** What single tags make of those that the media has; throws INVALID_INPUT. */
  readonly tags: ((present: readonly string[]) => readonly string[]) | null
  /** Why it comes to nothing whatever the media is. */
  readonly refused: AppError | null
}

/** What became of one media; `media` is null when nothing was changed, and so is `refused` when nothing was to be. */
export interface Outcome {
  readonly id: string
  readonly media: MediaRow | null
  readonly refused: AppError | null
  /** When the last of its bytes were gone; null while they are not, and for what went to the trash. */
  readonly purgedAt?: Date | null
}

/** A change of fields; one that is not allowed is made, too, and says so. */
export function update({ id, ifMatch, fields }: UpdateWish): Change {
  try {
    const { columns, tags } = changedColumns(fields)
    return { id, ifMatch, columns, tags, refused: isUuid(id) ? null : mediaNotFound(['input', 'id']) }
  } catch (error) {
    return { id, ifMatch, columns: {}, tags: null, refused: asAppError(error) }
  }
}

export function deletion({ id, ifMatch }: Wish): Change {
  const refused = isUuid(id) ? null : mediaNotFound(['input', 'id'])
  return { id, ifMatch, columns: {}, tags: null, refused }
}

/** The same change for many media. Throws INVALID_INPUT, also for a name: of several media one alone could have it. */
export function changedAlike(fields: ChangedFields): Pick<Change, 'columns' | 'tags'> {
  if (fields.name != null) throw invalid('name', 'is unique: give it to one media, by items')
  return changedColumns(fields)
}

function changedColumns({ addTags, removeTags, ...fields }: ChangedFields): Pick<Change, 'columns' | 'tags'> {
  const columns = mediaColumns(fields)
  const added = addTags ?? []
  const removed = new Set(removeTags)
  if (added.length + removed.size === 0) return { columns, tags: null }
  if (fields.tags !== undefined) throw invalid('tags', 'says all of them: leave out addTags and removeTags')
  const contradiction = added.find(tag => removed.has(tag))
  if (contradiction !== undefined) throw invalid('removeTags', 'names a tag that addTags names, too')
  // Checked by themselves, before any media is looked at.
  mediaColumns({ tags: added })
  return {
    columns,
    tags: present => {
      const tags = [...new Set([...present.filter(tag => !removed.has(tag)), ...added])]
      return mediaColumns({ tags }).tags as string[]
    },
  }
}

const invalid = (field: string, why: string) =>
  mediaErrors.INVALID_INPUT(`${field} ${why}.`, { field: ['input', field] })
