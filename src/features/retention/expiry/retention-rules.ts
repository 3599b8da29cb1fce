import type { MediaDoor } from '../../media/media-door.ts'
import type { Expiry, ExpiryFacts } from '../../media/media-expiry.ts'
import type { MediaKind } from '../../media/media-kind.ts'
import { fits } from '../../types/type-rules.ts'

/** What an operator says of how long media are kept; a condition that is absent fits all. */
export interface RetentionRule {
  /** Its conditions as they are written; no other rule has the same. */
  readonly name: string
  readonly accountId?: string
  readonly kind?: MediaKind
  /** `type/subtype`, or `type/*`. */
  readonly type?: string
  readonly tag?: string
  readonly sourceType?: string
  readonly door?: MediaDoor
  readonly says: RetentionVerdict
}

export interface RetentionVerdict {
  /** For how long, in milliseconds; null: it does not expire. */
  readonly keepMs: number | null
  /** Whether the time begins anew with each content. */
  readonly isFromUpload: boolean
  /** Whether what expires goes for good, and not into the trash. */
  readonly isForGood: boolean
  /** Whether nobody may say a later time. */
  readonly isBinding: boolean
}

/** What the rules make of a media. */
export interface RuledExpiry extends Expiry, Pick<RetentionVerdict, 'isBinding' | 'isFromUpload'> {}

const UNRULED: RuledExpiry = {
  expiresAt: null,
  expiresBy: null,
  expiresForGood: false,
  isBinding: false,
  isFromUpload: false,
}

/** Applies the rules: the first that fits decides alone. */
export class RetentionRules {
  constructor(private readonly rules: readonly RetentionRule[]) {}

  /** The doors of all that any rule may fit; null: it may have come by whatever door. */
  get doors(): readonly MediaDoor[] | null {
    const doors = this.rules.flatMap(({ door }) => door ?? [])
    return doors.length === this.rules.length ? doors : null
  }

  /** Another one wherever the rules make something else of any media. */
  get fingerprint(): string {
    return JSON.stringify(this.rules.map(({ name, says }) => [name, ...Object.values(says)]))
  }

  of(media: ExpiryFacts): RuledExpiry {
    const rule = this.rules.find(each => isMet(each, media))
    if (!rule) return UNRULED
    const { keepMs, isFromUpload, isForGood, isBinding } = rule.says
    const from = isFromUpload ? media.contentUpdatedAt : media.createdAt
    return {
      expiresAt: keepMs === null ? null : new Date(from.getTime() + keepMs),
      expiresBy: rule.name,
      expiresForGood: isForGood,
      isBinding,
      isFromUpload,
    }
  }
}

const isMet = ({ accountId, kind, type, tag, sourceType, door }: RetentionRule, media: ExpiryFacts) =>
  (accountId === undefined || accountId === media.accountId) &&
  (kind === undefined || kind === media.kind) &&
  (type === undefined || fits(media.mimeType, type)) &&
  (tag === undefined || media.tags.includes(tag)) &&
  (sourceType === undefined || sourceType === media.sourceType) &&
  (door === undefined || door === media.door)
