import type { EntityManager } from 'typeorm'
import type { Sql } from '../../../platform/db/database.ts'
import { demand } from '../../access/policy.ts'
import type { Principal } from '../../access/viewer.ts'
import { mediaErrors } from '../../media/media.errors.ts'
import type { MediaRow } from '../../media/media.row.ts'
import {
  type ExpiringMedia,
  type Expiry,
  type ExpiryFacts,
  type ExpiryTerms,
  GIVEN,
  type Replaced,
} from '../../media/media-expiry.ts'
import type { RetentionRules, RuledExpiry } from './retention-rules.ts'

/** Of what comes back: whoever brings it back wants it kept, and says so; otherwise it would go again at once. */
const KEPT: Expiry = { expiresAt: null, expiresBy: GIVEN, expiresForGood: false }

type Columns = Readonly<Record<string, unknown>>
type KnownMedia = MediaRow & Expiry & ExpiryFacts

const invalid = (why: string) =>
  mediaErrors.INVALID_INPUT(`expiresAt ${why}`, { field: ['input', 'expiresAt'] })

function checkFuture({ expiresAt }: Pick<Expiry, 'expiresAt'>, now: Date): void {
  if (expiresAt !== null && expiresAt <= now)
    throw invalid('is past by the clock of the gateway. To remove a media now, delete it.')
}

function checkBound({ expiresAt }: Pick<Expiry, 'expiresAt'>, { isBinding, ...ruled }: RuledExpiry): void {
  if (!isBinding || !isSooner(ruled, { expiresAt })) return
  throw invalid(
    `is later than the rule ${ruled.expiresBy} allows for this media: ${ruled.expiresAt?.toISOString()}.`,
  )
}

/** The refusal of a content that nobody could get any more: with it the media would go with the next sweep, and all its versions. */
function overAtOnce({ expiresAt, expiresBy }: Expiry, { isBinding }: RuledExpiry): Error {
  const who = expiresBy === GIVEN ? 'What was said of this media' : `With this content the rule ${expiresBy}`
  const before = isBinding ? '' : ' say by expiresAt until when it is kept, and replace its content then, or'
  return mediaErrors.INVALID_INPUT(
    `${who} ends it at ${expiresAt?.toISOString()}, which is past: it would be gone at once. Instead${before} bring the file as a media of its own.`,
    { field: ['input', 'id'] },
  )
}

const overForGood = ({ expiresAt, expiresBy }: Expiry): Error =>
  mediaErrors.INVALID_INPUT(
    `The rule ${expiresBy} lets nobody keep this media beyond ${expiresAt?.toISOString()}, which is past: it stays in the trash.`,
    { field: ['input', 'id'] },
  )

/** Whether the one ends ahead of the other. */
const isSooner = (one: Pick<Expiry, 'expiresAt'>, other: Pick<Expiry, 'expiresAt'>): boolean =>
  one.expiresAt !== null && (other.expiresAt === null || one.expiresAt < other.expiresAt)

/** Whether who has relied on the other one would lose by it. */
const isHarder = (one: Expiry, other: Expiry): boolean =>
  isSooner(one, other) || (one.expiresForGood && !other.expiresForGood)

export const isSame = (one: Expiry, other: Expiry): boolean =>
  one.expiresAt?.getTime() === other.expiresAt?.getTime() &&
  one.expiresBy === other.expiresBy &&
  one.expiresForGood === other.expiresForGood

export const expiryOf = ({ expiresAt, expiresBy, expiresForGood }: Expiry): Expiry => ({
  expiresAt,
  expiresBy,
  expiresForGood,
})

/** Until when media are kept: a person's word, otherwise the first rule that fits. */
export class RuledTerms implements ExpiryTerms {
  constructor(private readonly deps: { readonly rules: RetentionRules }) {}

  changed(viewer: Principal, media: ExpiringMedia, columns: Columns): Expiry | null {
    const isGiven = columns.expiresAt !== undefined
    const isRuled = media.expiresBy !== GIVEN && ('tags' in columns || 'sourceType' in columns)
    if (!isGiven && !isRuled) return null
    const ruled = this.deps.rules.of({ ...media, ...columns } as ExpiryFacts)
    const expiry = isGiven ? expiryOf(columns as unknown as Expiry) : expiryOf(ruled)
    if (isGiven) {
      checkFuture(expiry, media.now)
      checkBound(expiry, ruled)
    }
    if (isSame(expiry, media)) return null
    if (isHarder(expiry, media)) demand(viewer, 'expire', media)
    return expiry
  }

  restored(media: ExpiringMedia): Expiry | null {
    const { now, openHolds } = media
    if (media.expiresAt === null || media.expiresAt > now) return null
    const ruled = this.deps.rules.of(media)
    if (!ruled.isBinding || ruled.expiresAt === null) return KEPT
    if (ruled.expiresAt <= now && openHolds === 0) throw overForGood(ruled)
    return expiryOf(ruled)
  }

  async check(sql: Sql | EntityManager, columns: Columns): Promise<void> {
    if (columns.expiresAt == null) return
    const [row] = await (sql as Sql).query<{ now: Date }>(`SELECT clock_timestamp() AS now`)
    if (row) checkFuture(columns as { expiresAt: Date }, row.now)
  }

  async begun(tx: EntityManager, media: MediaRow): Promise<MediaRow> {
    const { expiresAt, expiresBy, ...facts } = media as KnownMedia
    if (expiresBy !== GIVEN) return this.renewed(tx, media)
    checkBound({ expiresAt }, this.deps.rules.of(facts))
    return media
  }

  async renewed(tx: EntityManager, media: MediaRow): Promise<MediaRow> {
    const known = media as KnownMedia
    return known.expiresBy === GIVEN ? media : write(tx, known, this.deps.rules.of(known))
  }

  async replaced(tx: EntityManager, media: MediaRow, { viewer, before }: Replaced): Promise<MediaRow> {
    const known = media as KnownMedia
    const ruled = this.deps.rules.of(known)
    const expiry = known.expiresBy === GIVEN ? known : ruled
    const isBegunAnew = ruled.isFromUpload && expiry.expiresBy === before.expiresBy
    if (!isBegunAnew && isHarder(expiry, before)) demand(viewer, 'expire', before)
    if (expiry.expiresAt !== null && expiry.expiresAt <= known.contentUpdatedAt)
      throw overAtOnce(expiry, ruled)
    return write(tx, known, expiry)
  }
}

async function write(tx: EntityManager, media: KnownMedia, given: Expiry): Promise<MediaRow> {
  const expiry = expiryOf(given)
  if (isSame(expiry, media)) return media
  await tx.query(`UPDATE media SET expires_at = $2, expires_by = $3, expires_for_good = $4 WHERE id = $1`, [
    media.id,
    expiry.expiresAt,
    expiry.expiresBy,
    expiry.expiresForGood,
  ])
  return { ...media, ...expiry }
}
