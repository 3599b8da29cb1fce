import { Field, ID, InputType } from 'type-graphql'
import { BigIntScalar, DateTime } from '../../platform/graphql/scalars.ts'
import { FILTER_LIMITS } from './filter.limits.ts'
import { MediaKind, MediaStatus, ScanState } from './media.enums.ts'
import type { MediaFilter, Range, TimeRange } from './media.filter.ts'

const maybe = (description: string) => ({ nullable: true, description })

@InputType('DateTimeFilter', { description: 'Bounds in time; every given one must hold.' })
export class DateTimeFilter implements TimeRange {
  @Field(() => DateTime, maybe('After.')) gt?: Date | null
  @Field(() => DateTime, maybe('At or after.')) gte?: Date | null
  @Field(() => DateTime, maybe('Before.')) lt?: Date | null
  @Field(() => DateTime, maybe('At or before.')) lte?: Date | null
}

@InputType('BigIntFilter', { description: 'Bounds of a whole number; every given one must hold.' })
export class BigIntFilter implements Range<number> {
  @Field(() => BigIntScalar, maybe('More than.')) gt?: number | null
  @Field(() => BigIntScalar, maybe('At least.')) gte?: number | null
  @Field(() => BigIntScalar, maybe('Less than.')) lt?: number | null
  @Field(() => BigIntScalar, maybe('At most.')) lte?: number | null
}

const { depth, filters, list, values, search } = FILTER_LIMITS

@InputType('MediaFilter', {
  description:
    `Which media: every given part must hold. A list means "one of these"; nothing is one of none. At most ${filters} filters, ` +
    `${depth} within each other, with ${list} values a list and ${values} in all.`,
})
export class MediaFilterInput implements MediaFilter {
  @Field(() => [MediaKind], maybe('One of these kinds.')) kind?: MediaKind[] | null
  @Field(() => [String], maybe('One of these MIME types; "image/*" stands for the family.'))
  mimeType?: string[] | null
  @Field(() => [MediaStatus], maybe('One of these statuses.')) status?: MediaStatus[] | null
  @Field(() => [ScanState], maybe('Of whose present content the malware scan says one of these.'))
  scan?: ScanState[] | null
  @Field(() => [String], maybe('Made by one of these.')) sourceType?: string[] | null
  @Field(() => [String], maybe('Of one of these names, letter by letter.')) name?: string[] | null
  @Field(() => [ID], maybe("Of one of these owners, by the owner's id in your system."))
  ownerId?: string[] | null
  @Field(() => [String], maybe('Of one of these groups at least.')) groupId?: string[] | null
  @Field(() => [String], maybe('Of one of these conversations.')) conversationId?: string[] | null
  @Field(() => [String], maybe('With one of these tags at least.')) tag?: string[] | null
  @Field(() => [ID], maybe('In one of these collections at least.')) collectionId?: string[] | null
  @Field(() => [String], maybe('With one of these contents: SHA-256 in hex.')) sha256?: string[] | null
  @Field(() => Boolean, maybe('Whether its content is delivered without credentials.')) public?:
    | boolean
    | null
  @Field(() => Boolean, maybe('Whether its time is over, and no legal hold keeps it.')) expired?:
    | boolean
    | null
  @Field(
    () => Boolean,
    maybe(
      'true: the trash, of what you could delete; needs the scope media:delete. Otherwise what is not deleted. Stands in the outermost filter alone.',
    ),
  )
  deleted?: boolean | null
  @Field(() => DateTimeFilter, maybe('Time of the upload.')) createdAt?: DateTimeFilter | null
  @Field(() => DateTimeFilter, maybe('Time of the last change.')) updatedAt?: DateTimeFilter | null
  @Field(() => BigIntFilter, maybe('Size in bytes; one that is not known yet lies within no bounds.'))
  size?: BigIntFilter | null
  @Field(
    () => String,
    maybe(
      'Every word, and every "phrase in quotation marks", must occur in a name, title, text, tag or metadata, also within a word; ' +
        `case and accents do not count, wildcards have no meaning. At most ${search} characters in all.`,
    ),
  )
  search?: string | null
  @Field(
    () => String,
    maybe(
      'Part of the name of the file as it was uploaded; case and accents do not count, wildcards have no meaning.',
    ),
  )
  fileName?: string | null
  @Field(() => [MediaFilterInput], maybe('All of these; none at all is met by everything.'))
  and?: MediaFilterInput[] | null
  @Field(() => [MediaFilterInput], maybe('At least one of these; none at all is met by nothing.'))
  or?: MediaFilterInput[] | null
  @Field(() => MediaFilterInput, maybe('Not this. What has no value for a part does not meet that part.'))
  not?: MediaFilterInput | null
}
