import type { Sql } from '../../platform/db/database.ts'
import { storageKey } from '../../platform/storage/key.ts'
import { type Asker, isGrant } from '../access/grant.ts'
import { authorize, can, type MediaFacts, mayDownload } from '../access/policy.ts'
import type { ScanState } from '../media/media-kind.ts'
import { downloadName } from '../types/download-name.ts'
import type { TypeRules } from '../types/type-rules.ts'
import type { Deliverable, DeliverableContent } from './deliverable.ts'
import type { ContentFinder } from './delivery.service.ts'
import { admissionOf, type ScanPolicy } from './scan-gate.ts'

interface ContentRow extends MediaFacts {
  readonly status: string
  readonly currentVersion: number
  readonly contentVersion: number | null
  readonly contentUpdatedAt: Date
  readonly sha256: string
  readonly size: number
  readonly mimeType: string
  readonly declaredType: string | null
  readonly fileName: string
  readonly cacheControl: string | null
  readonly maxDownloads: number
  readonly secondsLeft: number | null
  readonly scan: ScanState
  readonly blobState: string | null
  readonly storeId: string
  readonly key: string
}

/** A content as it is stored, and what decides in which form it leaves. */
export interface FoundContent extends DeliverableContent {
  readonly accountId: string
  /** Lower-case hex. */
  readonly sha256: string
  /** Whether who asks may read the media itself, not its content alone. */
  readonly forReaders: boolean
}

/** Content versions are counted in 32 bits: a larger number names none. */
const MAX_VERSION = 2_147_483_647

/** Finds the bytes of a media that may be had. One row is read: they are old or new, never a mix. */
export class MediaContent implements ContentFinder {
  constructor(
    private readonly deps: {
      readonly database: Sql
      readonly types: Pick<TypeRules, 'termsOf'>
      readonly scanPolicy: ScanPolicy
    },
  ) {}

  async findContent(
    viewer: Asker,
    mediaId: string,
    version?: number,
  ): Promise<FoundContent | Exclude<Deliverable, DeliverableContent> | null> {
    if (version !== undefined && version > MAX_VERSION) return null
    const [row] = await this.deps.database.query<ContentRow>(
      `SELECT m.id, m.account_id AS "accountId", m.owner_id AS "ownerId", m.group_ids AS "groupIds", m.public,
              m.open_holds AS "openHolds", m.status, m.content_version AS "currentVersion", v.n AS "contentVersion",
              v.created_at AS "contentUpdatedAt", v.sha256, v.size::float8 AS size, v.mime_type AS "mimeType", m.declared_type AS "declaredType",
              v.original_file_name AS "fileName", v.scan, m.cache_control AS "cacheControl", m.max_downloads AS "maxDownloads",
              extract(epoch FROM m.expires_at - clock_timestamp())::float8 AS "secondsLeft", b.state AS "blobState", b.store_id AS "storeId", b.key
       FROM media m
       LEFT JOIN media_version v ON v.media_id = m.id AND v.n = coalesce($2, m.content_version)
       LEFT JOIN blob b ON b.id = v.blob_id
       WHERE m.id = $1 AND m.deleted_at IS NULL`,
      [mediaId, version ?? null],
    )
    if (!row || !mayDownload(viewer, row)) {
      // A credential that could fetch nothing at all is told so, whether there is such a media or not.
      if (viewer.kind === 'principal') authorize(viewer, 'download')
      return null
    }
    // A hash opens what the media is now, and no longer what it was.
    if (viewer.kind === 'hash' && version !== undefined && version !== row.currentVersion) return null
    // What is held is kept, with all that it was good for.
    if (row.secondsLeft !== null && row.secondsLeft <= 0 && row.openHolds === 0) return { state: 'expired' }
    if (row.contentVersion === null) {
      if (version !== undefined) return null
      return { state: row.status === 'FAILED' ? 'failed' : 'pending' }
    }
    const admission = admissionOf(this.deps.scanPolicy, row.scan)
    if (admission === 'quarantined') return { state: 'quarantined' }
    if (admission === 'withheld') return { state: 'unscanned', isComing: row.scan === 'PENDING' }
    if (row.blobState !== 'live') return { state: 'lost' }
    return {
      ...row,
      state: 'live',
      mediaId,
      contentVersion: row.contentVersion,
      etag: row.sha256,
      provisional: admission === 'provisional',
      fileName: this.#nameOf(row),
      forReaders: !isGrant(viewer) && can(viewer, 'read', row),
      key: storageKey(row.key),
    }
  }

  #nameOf({ accountId, mimeType, fileName }: ContentRow): string {
    return downloadName(fileName, mimeType, this.deps.types.termsOf(accountId, mimeType).extension)
  }
}
