import type { Sql } from '../../platform/db/database.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { authorize } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaErrors } from './media.errors.ts'
import type { MediaFilter } from './media.filter.ts'
import { listedMedia } from './media.list.ts'

/** How many media have a value. */
export interface FacetCount {
  readonly value: string
  readonly count: number
}

/** What media can be counted by. */
const FACETS = {
  kinds: { column: 'kind', rows: 'matched, LATERAL (SELECT kind) AS v (value)' },
  statuses: { column: 'status', rows: 'matched, LATERAL (SELECT status) AS v (value)' },
  mimeTypes: { column: 'mime_type', rows: 'matched, LATERAL (SELECT mime_type) AS v (value)' },
  tags: { column: 'tags', rows: 'matched, LATERAL (SELECT DISTINCT unnest(tags)) AS v (value)' },
} as const satisfies Record<string, { column: string; rows: SqlText }>
export type Facet = keyof typeof FACETS

/** Counts by the facets that were asked for; null for the others. */
export type MediaFacets = Readonly<Record<Facet, readonly FacetCount[] | null>> & {
  /** Whether every media of the filter was counted. */
  readonly isComplete: boolean
}

/** Media that are counted: the newest ones. */
export const MOST_COUNTED = 50_000
export const MOST_VALUES = 100
export const DEFAULT_VALUES = 20

export interface FacetRequest {
  readonly filter?: MediaFilter | null
  readonly facets: ReadonlySet<string>
  /** Values of each facet, those that occur most first. */
  readonly top: number
}

/** Counts the media of a filter by what they are, in one statement; over what the viewer may list alone. */
export class Facets {
  constructor(private readonly deps: { readonly database: Sql }) {}

  async count(viewer: Viewer, { filter, facets, top }: FacetRequest): Promise<MediaFacets> {
    const principal = authorize(viewer, 'list')
    if (top < 1 || top > MOST_VALUES) {
      throw mediaErrors.INVALID_INPUT(`top is 1 to ${MOST_VALUES}.`, { field: ['top'] })
    }
    const wanted = (Object.keys(FACETS) as Facet[]).filter(facet => facets.has(facet))
    const p = new SqlParameters()
    const columns = wanted.map(facet => `m.${FACETS[facet].column}`).join(', ')
    const text = `WITH found AS MATERIALIZED (
        SELECT ${columns} FROM media m WHERE ${listedMedia(principal, filter ?? {}, p)}
        ORDER BY m.created_at DESC, m.id DESC LIMIT ${MOST_COUNTED + 1}),
      matched AS (SELECT * FROM found LIMIT ${MOST_COUNTED})
      SELECT '' AS facet, '' AS value, count(*)::int AS count FROM found
      ${wanted.map(facet => `UNION ALL (${countOf(facet, p.add(top, 'int'))})`).join('\n')}`
    const rows = await this.deps.database.query<FacetCount & { facet: string }>(text, p.values)
    const byFacet = Map.groupBy(rows, row => row.facet)
    const counts = (facet: Facet) =>
      facets.has(facet) ? (byFacet.get(facet) ?? []).map(({ value, count }) => ({ value, count })) : null
    return {
      kinds: counts('kinds'),
      statuses: counts('statuses'),
      mimeTypes: counts('mimeTypes'),
      tags: counts('tags'),
      isComplete: (byFacet.get('')?.[0]?.count ?? 0) <= MOST_COUNTED,
    }
  }
}

const countOf = (facet: Facet, limit: SqlText): SqlText =>
  `SELECT '${facet}', value, count(*)::int AS n FROM ${FACETS[facet].rows}
   GROUP BY value ORDER BY n DESC, value COLLATE "C" LIMIT ${limit}`
