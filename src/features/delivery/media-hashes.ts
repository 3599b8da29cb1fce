import type { Sql } from '../../platform/db/database.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import type { HashGrant } from '../access/grant.ts'

/** A media by one of its ids, as a URL has it. */
export type NamedById = { readonly id: string } | { readonly number: number }

/**
 * What the hash of a media opens. It is random, 122 bits of it, and as long-lived as its media: whoever reads the media through a system
 * whose URLs hold it has been given it.
 */
export class MediaHashes {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** The grant of a hash for the media that it belongs to; null for every other pair, whether there is such a media or not. */
  async redeem(media: NamedById, hash: string): Promise<HashGrant | null> {
    if (!isUuid(hash)) return null
    const [row] = await this.deps.database.query<{ id: string; number: number }>(
      `SELECT id, number FROM media WHERE hash = $1 AND deleted_at IS NULL`,
      [hash],
    )
    if (!row) return null
    const isNamed = 'id' in media ? media.id.toLowerCase() === row.id : media.number === row.number
    return isNamed ? { kind: 'hash', mediaId: row.id } : null
  }
}
