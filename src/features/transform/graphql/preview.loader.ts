import DataLoader from 'dataloader'
import type { Sql } from '../../../platform/db/database.ts'
import type { Size } from '../recipe/geometry.ts'
import type { VariantOwner } from '../variants/variant.rows.ts'
import { PREVIEW } from '../variants/variants.ts'

export type PreviewLoader = DataLoader<VariantOwner, Size | null, string>

const keyOf = ({ accountId, sha256 }: VariantOwner): string => `${accountId} ${sha256}`

/** Loads the sizes of the previews of one request's media in one query. */
export function previewLoader(database: Sql): PreviewLoader {
  return new DataLoader(
    async owners => {
      const rows = await database.query<VariantOwner & Size>(
        `SELECT v.account_id AS "accountId", v.sha256, v.width, v.height
         FROM unnest($1::text[], $2::text[]) AS asked (account_id, sha256)
         JOIN variant v ON v.account_id = asked.account_id AND v.sha256 = asked.sha256 AND v.recipe = '${PREVIEW}'
         JOIN blob b ON b.id = v.blob_id AND b.state = 'live'`,
        [owners.map(({ accountId }) => accountId), owners.map(({ sha256 }) => sha256)],
      )
      const sizes = new Map(rows.map(({ width, height, ...owner }) => [keyOf(owner), { width, height }]))
      return owners.map(owner => sizes.get(keyOf(owner)) ?? null)
    },
    { cacheKeyFn: keyOf },
  )
}
