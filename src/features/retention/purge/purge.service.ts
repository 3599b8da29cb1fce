import type { Sql } from '../../../platform/db/database.ts'
import { SqlParameters } from '../../../platform/db/sql-builder.ts'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import { authorize, purgedMedia } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'

/** A purge as it is shown. */
export interface PurgeRow {
  /** `prg_` and the id of the media. */
  readonly id: string
  readonly mediaId: string
  readonly requestedAt: Date
  /** Names the credential, or the job. */
  readonly requestedBy: string
  /** Null while a store still has some of its bytes. */
  readonly purgedAt: Date | null
}

/** The prefix of a purge's global id. */
export const PURGE_PREFIX = 'prg_'

/** What went for good, for those who could have deleted it. Nobody else can tell it from what never was. */
export class PurgeService {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** The purge of this media; null when there was none that the viewer may see. Throws UNAUTHENTICATED, FORBIDDEN. */
  async ofMedia(viewer: Viewer, mediaId: string): Promise<PurgeRow | null> {
    return (await this.#find(viewer, [mediaId]))[0] ?? null
  }

  /** Those of these ids, by id. */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<Map<string, PurgeRow>> {
    const mediaIds = ids.filter(id => id.startsWith(PURGE_PREFIX)).map(id => id.slice(PURGE_PREFIX.length))
    return new Map((await this.#find(viewer, mediaIds)).map(purge => [purge.id, purge]))
  }

  async #find(viewer: Viewer, mediaIds: readonly string[]): Promise<PurgeRow[]> {
    const principal = authorize(viewer, 'delete')
    const p = new SqlParameters()
    return this.deps.database.query<PurgeRow>(
      `SELECT '${PURGE_PREFIX}' || m.id AS id, m.id AS "mediaId", m.requested_at AS "requestedAt", m.requested_by AS "requestedBy",
              m.purged_at AS "purgedAt"
       FROM (SELECT media_id AS id, * FROM purge) m
       WHERE m.id = ANY (${p.add(mediaIds.filter(isUuid), 'uuid[]')}) AND ${purgedMedia(principal, p)}`,
      p.values,
    )
  }
}
