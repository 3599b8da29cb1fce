import { ArgsType, Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { PageArguments } from '../../../platform/db/keyset.ts'
import { DateTime } from '../../../platform/graphql/scalars.ts'
import type { MediaRow } from '../../media/media.row.ts'
import { GIVEN } from '../../media/media-expiry.ts'

const maybe = (description: string) => ({ nullable: true, description })

export const RetentionReason = { GIVEN: 'GIVEN', RULE: 'RULE', DELETED: 'DELETED' } as const
export type RetentionReason = keyof typeof RetentionReason

export const RetentionEnd = { TRASH: 'TRASH', PURGE: 'PURGE' } as const
export type RetentionEnd = keyof typeof RetentionEnd

registerEnumType(RetentionReason, {
  name: 'RetentionReason',
  description: 'Why a media goes, or stays.',
  valuesConfig: {
    GIVEN: { description: 'Somebody has said so, by expiresAt.' },
    RULE: { description: "The operator's rules say so." },
    DELETED: { description: 'It lies in the trash.' },
  },
})

registerEnumType(RetentionEnd, {
  name: 'RetentionEnd',
  description: 'What becomes of a media when its time is over.',
  valuesConfig: {
    TRASH: { description: 'It goes into the trash, and can be restored.' },
    PURGE: { description: 'It goes for good, bytes and all.' },
  },
})

@ObjectType('Retention', {
  simpleResolvers: true,
  description: 'Until when a media is kept, and by whose word.',
})
export class RetentionType {
  @Field(() => DateTime, maybe('When it goes, as it stands; null: it stays.')) endsAt: Date | string | null
  @Field(() => RetentionReason, { description: 'Why.' }) reason: RetentionReason
  @Field(() => String, maybe('The conditions of the rule that says so, as the operator has written them.'))
  rule: string | null
  @Field(() => RetentionEnd, maybe('What becomes of it then; null: it stays.')) end: RetentionEnd | null
  @Field(() => Boolean, { description: 'Whether a legal hold keeps it beyond that, until it is released.' })
  held: boolean
}

/** From what a media has; null where nobody says anything. */
export function retentionOf(media: MediaRow): RetentionType | null {
  const { purgeAt = null, expiresAt = null, expiresBy = null, expiresForGood, openHolds } = media
  const held = openHolds !== 0
  if (purgeAt !== null) return { endsAt: purgeAt, reason: 'DELETED', rule: null, end: 'PURGE', held }
  if (expiresBy === null) return null
  const end = expiresAt === null ? null : expiresForGood ? 'PURGE' : 'TRASH'
  return expiresBy === GIVEN
    ? { endsAt: expiresAt, reason: 'GIVEN', rule: null, end, held }
    : { endsAt: expiresAt, reason: 'RULE', rule: expiresBy, end, held }
}

@ArgsType()
export class RetentionPreviewArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor: stop ahead of it.')) before?: string | null
  @Field(() => DateTime, maybe('What goes until then; all that will go without it.')) until?: Date | null
}
