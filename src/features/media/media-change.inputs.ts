import { Field, ID, InputType } from 'type-graphql'
import { MediaFilterInput } from './filter.inputs.ts'
import { MediaFieldsInput } from './media.inputs.ts'
import type { ChangedFields } from './media-change.ts'
import { MOST_ITEMS } from './media-changes.service.ts'
import { MOST_MATCHES } from './media-locks.ts'

const maybe = (description: string) => ({ nullable: true, description })

const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'
const IF_MATCH =
  'The revision that the media must still have; if it has another one, nothing happens. Without it, any will do.'
const ATOMIC = 'Whether one refusal undoes the whole batch.'
const DRY_RUN = 'Whether to say only what would become of it, and change nothing.'
const PERMANENT =
  'Whether it goes at once and for good, without the trash; what lies in the trash goes as well. Nothing brings it back.'
const FILTER = `All media that match and that you may see and change, instead of a list; at most ${MOST_MATCHES}.`

/** What a user may change about a media, at every mutation that changes some. */
@InputType()
abstract class ChangedFieldsInput extends MediaFieldsInput implements ChangedFields {
  @Field(() => [String], maybe('Tags to add behind those that it has; not together with tags.'))
  addTags?: string[] | null
  @Field(() => [String], maybe('Tags to take away, if it has them; not together with tags.'))
  removeTags?: string[] | null
}

@InputType('UpdateMediaItemInput', {
  description: 'A media and what to change. An absent field stays as it is; null clears it.',
})
export class UpdateMediaItemInput extends ChangedFieldsInput {
  @Field(() => ID, { description: 'The media.' }) id: string
  @Field(() => String, maybe(IF_MATCH)) ifMatch?: string | null
}

@InputType('UpdateMediaInput', {
  description: 'What to change. An absent field stays as it is; null clears it.',
})
export class UpdateMediaInput extends UpdateMediaItemInput {
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('UpdateMediaSetInput', {
  description: 'What to change of all media alike. An absent field stays as it is; null clears it.',
})
export class UpdateMediaSetInput extends ChangedFieldsInput {}

@InputType('UpdateMediaBatchInput', {
  description: 'Changes of several media: either items, or a filter and what to set.',
})
export class UpdateMediaBatchInput {
  @Field(() => [UpdateMediaItemInput], maybe(`Each media with its own changes; at most ${MOST_ITEMS}.`))
  items?: UpdateMediaItemInput[] | null
  @Field(() => MediaFilterInput, maybe(FILTER)) filter?: MediaFilterInput | null
  @Field(() => UpdateMediaSetInput, maybe('What to change of all that match. A name is for items alone.'))
  set?: UpdateMediaSetInput | null
  @Field(() => Boolean, { defaultValue: false, description: ATOMIC }) atomic: boolean
  @Field(() => Boolean, { defaultValue: false, description: DRY_RUN }) dryRun: boolean
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('DeleteMediaItemInput', { description: 'A media to delete.' })
export class DeleteMediaItemInput {
  @Field(() => ID, { description: 'The media.' }) id: string
  @Field(() => String, maybe(IF_MATCH)) ifMatch?: string | null
}

@InputType('DeleteMediaInput', { description: 'Which media to delete.' })
export class DeleteMediaInput extends DeleteMediaItemInput {
  @Field(() => Boolean, { defaultValue: false, description: PERMANENT }) permanent: boolean
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('DeleteMediaBatchInput', { description: 'Which media to delete: ids, items, or a filter.' })
export class DeleteMediaBatchInput {
  @Field(() => [ID], maybe(`The media; at most ${MOST_ITEMS}.`)) ids?: string[] | null
  @Field(() => [DeleteMediaItemInput], maybe(`The media with their revisions; at most ${MOST_ITEMS}.`))
  items?: DeleteMediaItemInput[] | null
  @Field(() => MediaFilterInput, maybe(`${FILTER} With permanent, deleted: true empties the trash.`))
  filter?: MediaFilterInput | null
  @Field(() => Boolean, { defaultValue: false, description: PERMANENT }) permanent: boolean
  @Field(() => Boolean, { defaultValue: false, description: ATOMIC }) atomic: boolean
  @Field(() => Boolean, { defaultValue: false, description: DRY_RUN }) dryRun: boolean
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}
