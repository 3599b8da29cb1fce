import DataLoader from 'dataloader'
import type { Sql } from '../../../platform/db/database.ts'
import { HOLD_COLUMNS, type LegalHoldRow } from './legal-hold.row.ts'
import { MAX_OPEN_HOLDS } from './legal-holds.errors.ts'

export interface HoldsOf {
  readonly mediaId: string
  /** Those that were released, too: the last 100 of them. */
  readonly includeReleased: boolean
}

export type LegalHoldLoader = DataLoader<HoldsOf, readonly LegalHoldRow[], string>

/** Released holds that a media shows of itself; `legalHolds` of the account pages through all. */
export const SHOWN_RELEASED = 100

/** Loads the holds of one request's media in one query, newest first. Whether the viewer may see them is asked before. */
export function legalHoldLoader(database: Sql): LegalHoldLoader {
  const load = async (asked: readonly HoldsOf[]) => {
    const rows = await database.query<LegalHoldRow & { asker: number }>(
      `SELECT asked.n::int AS asker, h.*
       FROM unnest($1::uuid[], $2::boolean[]) WITH ORDINALITY AS asked(media_id, released, n)
       CROSS JOIN LATERAL (
         (SELECT ${HOLD_COLUMNS} FROM legal_hold h WHERE h.media_id = asked.media_id AND h.released_at IS NULL
          ORDER BY h.created_at DESC, h.id DESC LIMIT ${MAX_OPEN_HOLDS})
         UNION ALL
         (SELECT ${HOLD_COLUMNS} FROM legal_hold h
          WHERE asked.released AND h.media_id = asked.media_id AND h.released_at IS NOT NULL
          ORDER BY h.created_at DESC, h.id DESC LIMIT ${SHOWN_RELEASED})
       ) h ORDER BY asked.n, h."createdAt" DESC, h.id DESC`,
      [asked.map(({ mediaId }) => mediaId), asked.map(({ includeReleased }) => includeReleased)],
    )
    const holds = asked.map((): LegalHoldRow[] => [])
    for (const { asker, ...hold } of rows) holds[asker - 1]?.push(hold)
    return holds
  }
  return new DataLoader(load, {
    cacheKeyFn: ({ mediaId, includeReleased }) => `${mediaId} ${includeReleased}`,
  })
}
