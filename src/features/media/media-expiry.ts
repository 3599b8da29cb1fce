import type { EntityManager } from 'typeorm'
import type { Sql } from '../../platform/db/database.ts'
import type { SqlText } from '../../platform/db/sql-builder.ts'
import type { MediaFacts } from '../access/policy.ts'
import type { Principal } from '../access/viewer.ts'
import type { Media } from './media.entity.ts'
import type { MediaRow } from './media.row.ts'

/** Whose word it is when a person has said until when a media is kept, or that it is kept. Rules are named otherwise. */
export const GIVEN = 'given'

/** Until when a media is kept, by whose word, and whether it then goes for good. */
export type Expiry = Pick<Media, 'expiresAt' | 'expiresBy' | 'expiresForGood'>

/** What rules go by. */
export type ExpiryFacts = Pick<
  Media,
  'accountId' | 'kind' | 'mimeType' | 'tags' | 'sourceType' | 'door' | 'createdAt' | 'contentUpdatedAt'
>

const EXPIRY = {
  expiresAt: true,
  expiresBy: true,
  expiresForGood: true,
  accountId: true,
  kind: true,
  mimeType: true,
  tags: true,
  sourceType: true,
  door: true,
  createdAt: true,
  contentUpdatedAt: true,
} as const satisfies Record<keyof (Expiry & ExpiryFacts), true>

/** All that an expiry is judged by, for who reads it: a rule that goes by something new finds it here. */
export const EXPIRY_COLUMNS = Object.keys(EXPIRY) as readonly (keyof typeof EXPIRY)[]

/** A media that is about to be changed, and the database's time. */
export type ExpiringMedia = MediaFacts & Expiry & ExpiryFacts & { readonly now: Date }

/** A media as it was before it was given another content, and who gives it. */
export interface Replaced {
  readonly viewer: Principal
  readonly before: ExpiringMedia
}

type Columns = Readonly<Record<string, unknown>>

/** Decides until when media are kept: by what a person says, otherwise by the rules. All times are the database's. */
export interface ExpiryTerms {
  /**
   * What a change of columns makes of the expiry of a locked media; null when it stays. Throws INVALID_INPUT for a time that is past or
   * beyond what a rule allows, and FORBIDDEN for who may not let it end sooner.
   */
  changed(viewer: Principal, media: ExpiringMedia, columns: Columns): Expiry | null
  /**
   * What coming back from the trash makes of the expiry of a locked media; null when it stays. What has expired is kept, as far as a
   * binding rule lets it be; throws INVALID_INPUT where that is over, unless a legal hold keeps the media.
   */
  restored(media: ExpiringMedia): Expiry | null
  /** Rejects with INVALID_INPUT when the columns of a new media say a time that is past. */
  check(sql: Sql | EntityManager, columns: Columns): Promise<void>
  /** A media that was made in this transaction, with the expiry that it has by the rules; rejects with INVALID_INPUT as `changed`. */
  begun(tx: EntityManager, media: MediaRow): Promise<MediaRow>
  /** The same for one that was given its first content in this transaction: what a person said of it before stands. */
  renewed(tx: EntityManager, media: MediaRow): Promise<MediaRow>
  /**
   * The same for one that was given another content in this transaction. Rejects with FORBIDDEN for who may not let it end sooner, unless
   * its rule only begins anew, and with INVALID_INPUT for a content with which it would be over.
   */
  replaced(tx: EntityManager, media: MediaRow, replaced: Replaced): Promise<MediaRow>
}

/** Whether the time of `media m` is over: its content is refused, and the next sweep takes it. */
export const IS_EXPIRED: SqlText =
  '(m.expires_at IS NOT NULL AND m.expires_at <= clock_timestamp() AND m.open_holds = 0)'
