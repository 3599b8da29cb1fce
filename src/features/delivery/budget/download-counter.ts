import type { Sql } from '../../../platform/db/database.ts'
import { type Asker, isGrant } from '../../access/grant.ts'
import type { Download, DownloadBudget } from '../delivery.service.ts'

/** How long a client may go on with a download that was counted. */
const SESSION = `interval '24 hours'`
/** Players ask for so many bytes to see whether ranges work, and then start anew. */
const PROBE_BYTES = 2

const LEFT = '(max_downloads = 0 OR times_downloaded < max_downloads)'

/**
 * Counts downloads of media and of share links. Where the number is limited, a request counts unless the same client (asker,
 * network, program) goes on with a download of the same content version that was counted in the last 24 hours: it begins
 * behind byte 0, or it is the first from byte 0 after a probe of at most 2 bytes.
 */
export class DownloadCounter implements DownloadBudget {
  constructor(
    private readonly deps: {
      readonly database: Sql
      /** A keyed hash of 32 bytes. */
      readonly fingerprint: (text: string) => Buffer
    },
  ) {}

  async spend(download: Download): Promise<boolean> {
    const { asker, limited } = download
    return limited || asker.kind === 'link' ? this.#spendBudget(download) : this.#count(download.mediaId)
  }

  /** How many sessions were over. */
  async forget(): Promise<number> {
    const gone = await this.deps.database.query(
      `DELETE FROM download_session WHERE counted_at < clock_timestamp() - ${SESSION} RETURNING id`,
    )
    return gone.length
  }

  async #count(mediaId: string): Promise<boolean> {
    const counted = await this.deps.database.query(
      `UPDATE media SET times_downloaded = times_downloaded + 1
       WHERE id = $1 AND deleted_at IS NULL AND ${LEFT} RETURNING id`,
      [mediaId],
    )
    return counted.length > 0
  }

  /** The media's and the link's count grow together or not at all: the link is locked before the media is counted. */
  async #spendBudget(download: Download): Promise<boolean> {
    const { asker, mediaId, start, length, size } = download
    const linkId = asker.kind === 'link' ? asker.linkId : null
    const isProbe = start === 0 && length <= PROBE_BYTES && length < size
    const [answer] = await this.deps.database.query<{ granted: boolean }>(
      `WITH continued AS (
         UPDATE download_session SET probed = probed AND $4
         WHERE id = $3 AND counted_at > clock_timestamp() - ${SESSION} AND ($4 OR probed) RETURNING id),
       link AS (
         SELECT id FROM share_link
         WHERE id = $2 AND revoked_at IS NULL AND expires_at > clock_timestamp() AND ${LEFT}
           AND NOT EXISTS (SELECT FROM continued) FOR NO KEY UPDATE),
       counted AS (
         UPDATE media SET times_downloaded = times_downloaded + 1
         WHERE id = $1 AND deleted_at IS NULL AND ${LEFT} AND NOT EXISTS (SELECT FROM continued)
           AND ($2::uuid IS NULL OR EXISTS (SELECT FROM link))
         RETURNING id),
       counted_link AS (
         UPDATE share_link SET times_downloaded = times_downloaded + 1
         WHERE id = $2 AND EXISTS (SELECT FROM counted)),
       session AS (
         INSERT INTO download_session (id, counted_at, probed)
         SELECT $3, clock_timestamp(), $5 FROM counted WHERE $3::bytea IS NOT NULL
         ON CONFLICT (id) DO UPDATE SET counted_at = excluded.counted_at, probed = excluded.probed)
       SELECT EXISTS (SELECT FROM continued) OR EXISTS (SELECT FROM counted) AS granted`,
      [mediaId, linkId, this.#session(download), start > 0, isProbe],
    )
    return answer?.granted ?? false
  }

  /** Null where nothing tells the client from others, or there is no budget. */
  #session({ asker, client, mediaId, contentVersion, limited }: Download): Buffer | null {
    if (client === undefined || !limited) return null
    return this.deps.fingerprint(JSON.stringify(['download', mediaId, contentVersion, nameOf(asker), client]))
  }
}

function nameOf(asker: Asker): string {
  if (isGrant(asker)) return asker.kind === 'link' ? `link:${asker.linkId}` : asker.kind
  return asker.kind === 'principal' ? asker.name : asker.kind
}
