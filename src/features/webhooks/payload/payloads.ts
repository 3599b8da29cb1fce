import type { Sql } from '../../../platform/db/database.ts'
import { timesAsText } from '../../../platform/db/type-parsers.ts'
import { WEBHOOK_PREFIX } from '../webhook-ids.ts'
import { LATEST_VERSION, PAYLOAD_VERSIONS } from './versions.ts'

/** What is about to be told to somebody. */
export interface Telling {
  readonly accountId: string
  readonly webhookId: string
  readonly payloadVersion: number
  readonly eventId: string
  readonly type: string
  readonly mediaId: string | null
  readonly details: Readonly<Record<string, unknown>> | null
  readonly occurredAt: Date
}

/** Writes the bodies of requests. */
export class Payloads {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /**
   * One body each, in their order. The media is the one of now: what is sent again, or late, says nothing that is no longer so.
   * One statement a version.
   */
  async bodies(tellings: readonly Telling[]): Promise<string[]> {
    const media = new Map<number, ReadonlyMap<string, object>>()
    for (const [version, group] of Map.groupBy(tellings, versionOf))
      media.set(version, await this.#media(version, group))
    return tellings.map(telling => {
      const version = versionOf(telling)
      const { eventId: id, type, occurredAt, mediaId, webhookId, details } = telling
      const data =
        mediaId === null
          ? { webhookId: WEBHOOK_PREFIX + webhookId, ...details }
          : { mediaId, media: media.get(version)?.get(keyOf(telling)) ?? null }
      return JSON.stringify({ id, type, version, timestamp: occurredAt, data })
    })
  }

  /** What is not deleted, by account and id. */
  async #media(version: number, tellings: readonly Telling[]): Promise<ReadonlyMap<string, object>> {
    const asked = tellings.filter(({ mediaId }) => mediaId !== null)
    if (asked.length === 0) return new Map()
    const columns = Object.entries(PAYLOAD_VERSIONS.get(version)?.media ?? {}).map(
      ([name, { sql }]) => `${sql} AS "${name}"`,
    )
    const rows = await this.deps.database.query<{ account_of: string; id: string }>(
      `SELECT m.account_id AS account_of, ${columns.join(', ')} FROM media m LEFT JOIN owner o ON o.id = m.owner_id
       WHERE m.deleted_at IS NULL AND (m.id, m.account_id) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))`,
      [asked.map(({ mediaId }) => mediaId), asked.map(({ accountId }) => accountId)],
      timesAsText,
    )
    return new Map(
      rows.map(({ account_of: accountId, ...media }) => [keyOf({ accountId, mediaId: media.id }), media]),
    )
  }
}

/** A node of an older release may meet a webhook that a newer one has made. */
const versionOf = ({ payloadVersion }: Telling): number => Math.min(payloadVersion, LATEST_VERSION)

const keyOf = ({ accountId, mediaId }: Pick<Telling, 'accountId' | 'mediaId'>): string =>
  `${mediaId} ${accountId}`
