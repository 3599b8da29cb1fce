import type { Sql } from '../../../platform/db/database.ts'
import { type MediaColumn, selectList } from '../../media/media.row.ts'
import { GIVEN } from '../../media/media-expiry.ts'
import { isSame } from './expiry-terms.ts'
import type { RetentionRules } from './retention-rules.ts'
import { RULED_COLUMNS, type RuledMedia } from './ruled-media.ts'

/** Media of one statement. */
const BATCH = 2_000

/** Media that go for one reason and in one way. */
export interface ForeseenGroup {
  /** The conditions of a rule, `given` by a person, or `deleted`. */
  readonly by: string
  readonly end: 'trash' | 'purge'
  count: number
  /** Of them, those that go at the next sweep. */
  due: number
  /** Of them, those that a legal hold keeps beyond their time. */
  held: number
  /** When the first of them goes. */
  first: Date
}

export interface Foreseen {
  readonly groups: readonly ForeseenGroup[]
  /** Media that get another expiry than they have, once the rules are applied. */
  readonly changed: number
}

export interface ForesightRequest {
  readonly accountId?: string
  /** What goes by then; all that will go without it. */
  readonly until?: Date
}

type SeenMedia = RuledMedia & {
  readonly purgeAt: Date | null
  readonly openHolds: number
  readonly now: Date
}

const COLUMNS: ReadonlySet<MediaColumn> = new Set<MediaColumn>([...RULED_COLUMNS, 'purgeAt', 'openHolds'])

/** Says what rules would do to the media that are there, and changes nothing: for who is about to configure them. */
export class RuleForesight {
  constructor(private readonly deps: { readonly database: Sql; readonly rules: RetentionRules }) {}

  /** Reads all media, some at a time. */
  async look(request: ForesightRequest = {}): Promise<Foreseen> {
    const groups = new Map<string, ForeseenGroup>()
    let changed = 0
    for await (const media of this.#all(request.accountId)) {
      const { end, isChanged } = this.#endOf(media)
      if (isChanged) changed++
      if (end && (!request.until || end.at <= request.until)) addTo(groups, end, media)
    }
    return { groups: [...groups.values()].sort((a, b) => a.first.getTime() - b.first.getTime()), changed }
  }

  #endOf(media: SeenMedia): { end: End | null; isChanged: boolean } {
    const isGiven = media.expiresBy === GIVEN
    const { expiresAt, expiresBy, expiresForGood } = isGiven ? media : this.deps.rules.of(media)
    const isChanged = !isSame({ expiresAt, expiresBy, expiresForGood }, media)
    if (media.purgeAt) return { end: { at: media.purgeAt, by: 'deleted', end: 'purge' }, isChanged }
    const end = expiresAt && { at: expiresAt, by: expiresBy ?? '', end: endsIn(expiresForGood) }
    return { end, isChanged }
  }

  async *#all(accountId?: string): AsyncGenerator<SeenMedia> {
    let after: string | null = null
    for (;;) {
      const batch: SeenMedia[] = await this.deps.database.query<SeenMedia>(
        `SELECT ${selectList(COLUMNS)}, clock_timestamp() AS now FROM media m
         WHERE ($1::uuid IS NULL OR m.id > $1) AND ($2::text IS NULL OR m.account_id = $2) ORDER BY m.id LIMIT ${BATCH}`,
        [after, accountId ?? null],
      )
      yield* batch
      if (batch.length < BATCH) return
      after = batch.at(-1)?.id ?? null
    }
  }
}

interface End extends Pick<ForeseenGroup, 'by' | 'end'> {
  readonly at: Date
}

const endsIn = (isForGood: boolean): End['end'] => (isForGood ? 'purge' : 'trash')

function addTo(groups: Map<string, ForeseenGroup>, { at, by, end }: End, media: SeenMedia): void {
  const key = `${end} ${by}`
  const group = groups.get(key) ?? { by, end, count: 0, due: 0, held: 0, first: at }
  groups.set(key, group)
  const isHeld = media.openHolds > 0
  group.count++
  if (isHeld) group.held++
  else if (at <= media.now) group.due++
  if (at < group.first) group.first = at
}
