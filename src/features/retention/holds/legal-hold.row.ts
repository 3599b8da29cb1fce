/** A legal hold as it is shown. */
export interface LegalHoldRow {
  /** `hold_` and a UUID. */
  readonly id: string
  readonly mediaId: string
  readonly reason: string
  /** Names the credential that applied it. */
  readonly author: string
  readonly createdAt: Date
  /** Null while it holds. */
  readonly releasedAt: Date | null
  readonly releasedBy: string | null
}

/** The prefix of a legal hold's global id. */
export const LEGAL_HOLD_PREFIX = 'hold_'

/** The select list for `legal_hold h`. */
export const HOLD_COLUMNS = `'${LEGAL_HOLD_PREFIX}' || h.id AS id, h.media_id AS "mediaId", h.reason, h.author, h.created_at AS "createdAt",
  h.released_at AS "releasedAt", h.released_by AS "releasedBy"`
