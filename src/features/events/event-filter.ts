import { checkFilter } from '../media/filter.limits.ts'
import { mediaErrors } from '../media/media.errors.ts'
import type { MediaFilter } from '../media/media.filter.ts'

/** Throws INVALID_INPUT for a filter that events cannot be judged by. */
export function checkEventFilter(filter: MediaFilter): void {
  checkFilter(filter)
  if (filter.deleted != null)
    throw mediaErrors.INVALID_INPUT('Deletions are told as events; leave deleted out of the filter.', {
      field: ['filter', 'deleted'],
    })
}
