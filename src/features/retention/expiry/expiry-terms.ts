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
} from '../../media/media-expiry.ts'
import type { RetentionRules, RuledExpiry } from './retention-rules.ts'

type Columns = Readonly<Record<string, unknown>>

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

/** Whether the one ends ahead of the other. */
const isSooner = (one: Pick<Expiry, 'expiresAt'>, other: Pick<Expiry, 'expiresAt'>): boolean =>
  one.expiresAt !== null && (other.expiresAt === null || one.expiresAt < other.expiresAt)

export const isSame = (one: Expiry, other: Expiry): boolean =>
  one.expiresAt?.getTime() === other.expiresAt?.getTime() &&
  one.expiresBy === other.expiresBy &&
  one.expiresForGood === other.expiresForGood

const expiryOf = ({ expiresAt, expiresBy, expiresForGood }: Expiry): Expiry => ({
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
    const isHarder = expiry.expiresForGood && !media.expiresForGood
    if (isHarder || isSooner(expiry, media)) demand(viewer, 'expire', media)
    return expiry
  }

  async check(sql: Sql | EntityManager, columns: Columns): Promise<void> {
    if (columns.expiresAt == null) return
    const [row] = await (sql as Sql).query<{ now: Date }>(`SELECT clock_timestamp() AS now`)
    if (row) checkFuture(columns as { expiresAt: Date }, row.now)
  }

  async begun(tx: EntityManager, media: MediaRow): Promise<MediaRow> {
    const { expiresAt, expiresBy, ...facts } = media as MediaRow & Expiry & ExpiryFacts
    if (expiresBy !== GIVEN) return this.renewed(tx, media)
    checkBound({ expiresAt }, this.deps.rules.of(facts))
    return media
  }

  async renewed(tx: EntityManager, media: MediaRow): Promise<MediaRow> {
    const known = media as MediaRow & Expiry & ExpiryFacts
    if (known.expiresBy === GIVEN) return media
    const expiry = expiryOf(this.deps.rules.of(known))
    if (isSame(expiry, known)) return media
    await tx.query(`UPDATE media SET expires_at = $2, expires_by = $3, expires_for_good = $4 WHERE id = $1`, [
      media.id,
      expiry.expiresAt,
      expiry.expiresBy,
      expiry.expiresForGood,
    ])
    return { ...media, ...expiry }
  }
}
