import { Field, ID, Int, ObjectType } from 'type-graphql'
import { Payload } from '../../platform/graphql/payload.ts'
import { DateTime } from '../../platform/graphql/scalars.ts'
import { UserError } from '../../platform/graphql/user-error.ts'
import { MediaType } from './media.type.ts'

@ObjectType('UpdateMediaPayload', { description: 'What became of the change.' })
export class UpdateMediaPayload extends Payload {
  @Field(() => MediaType, { nullable: true, description: 'The media as it is now.' })
  media: MediaType | null
}

const PURGED_AT =
  'Of a permanent deletion: when the last of its bytes were gone. Null while a store still has some, which go by themselves: mediaPurge and the event PURGED tell when.'

@ObjectType('DeleteMediaPayload', { description: 'What became of the deletion.' })
export class DeleteMediaPayload extends Payload {
  @Field(() => ID, { nullable: true, description: 'Id of the media that is no more.' })
  deletedMediaId: string | null
  @Field(() => DateTime, { nullable: true, description: PURGED_AT }) purgedAt: Date | null
}

@ObjectType()
abstract class MediaResult {
  @Field(() => ID, { description: 'The media, as the input named it or as the filter found it.' })
  mediaId: string
  @Field(() => [UserError], { description: 'What the user can mend about this one.' })
  userErrors: UserError[]
}

@ObjectType('UpdateMediaResult', { description: 'What became of one media of a batch.' })
export class UpdateMediaResult extends MediaResult {
  @Field(() => MediaType, {
    nullable: true,
    description: 'The media as it is now; null when nothing of it was changed.',
  })
  media: MediaType | null
}

@ObjectType('DeleteMediaResult', { description: 'What became of one media of a batch.' })
export class DeleteMediaResult extends MediaResult {
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the media that is no more; null when it was not deleted.',
  })
  deletedMediaId: string | null
  @Field(() => DateTime, { nullable: true, description: PURGED_AT }) purgedAt: Date | null
}

const COUNT = 'How many were changed; in a dry run, how many would be.'
const RESULTS =
  'One result for each media: in the order of the input, or oldest first where a filter found them.'

@ObjectType('UpdateMediaBatchPayload', { description: 'What became of each media.' })
export class UpdateMediaBatchPayload extends Payload {
  @Field(() => [UpdateMediaResult], { description: RESULTS }) results: UpdateMediaResult[]
  @Field(() => Int, { description: COUNT }) count: number
}

@ObjectType('DeleteMediaBatchPayload', { description: 'What became of each media.' })
export class DeleteMediaBatchPayload extends Payload {
  @Field(() => [DeleteMediaResult], { description: RESULTS }) results: DeleteMediaResult[]
  @Field(() => Int, { description: COUNT }) count: number
}
