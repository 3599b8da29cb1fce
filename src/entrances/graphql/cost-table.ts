import { DEFAULT_PAGE, MAX_PAGE } from '../../platform/db/keyset.ts'

/** How long a list can be, where no paging argument says it: fields as `Type.field`. */
export const LIST_SIZES: Readonly<Record<string, number>> = {
  'Query.nodes': MAX_PAGE,
}

/**
 * What a field costs beyond the usual (an object 1, a mutation 10, all else nothing): fields as `Type.field`, `*` for any type.
 * The unit is that of one row of a list.
 */
export const FIELD_COSTS: Readonly<Record<string, number>> = {
  // A count is a query of its own.
  '*.totalCount': 5,
  // An HMAC over its terms.
  'Media.url': 1,
}

/** Arguments that say how long a page is, and the fields of a connection that are then as long. */
export const PAGING = {
  slicingArguments: ['first', 'last'],
  sizedFields: ['edges', 'nodes'],
  /** Without either argument. */
  assumedSize: DEFAULT_PAGE,
} as const
