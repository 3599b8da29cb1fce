import { ArgsType, Field, ID, ObjectType } from 'type-graphql'
import { DateTime } from '../../platform/graphql/scalars.ts'
import { MediaFilterInput } from '../media/media.inputs.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import { MediaEventType } from './media-event-type.ts'

@ObjectType('MediaEvent', { description: 'Something that has happened to a media.' })
export class MediaEvent {
  @Field(() => ID, { description: 'Id of the event; the same however often it is told.' }) id: string
  @Field(() => String, { description: 'Go on behind this event: give it as "after". Opaque.' }) cursor: string
  @Field(() => MediaEventType, { description: 'What has happened.' }) type: MediaEventType
  @Field(() => DateTime, { description: 'When it happened.' }) occurredAt: Date
  @Field(() => ID, { description: 'The media that it happened to.' }) mediaId: string
  @Field(() => MediaType, {
    nullable: true,
    description:
      'The media as it is when the event is delivered, which may be later; null when it is deleted by then.',
  })
  media: MediaRow | null
}

@ArgsType()
export class MediaEventsArgs {
  @Field(() => MediaFilterInput, {
    nullable: true,
    description:
      'Only media that match when the event is delivered; one that no longer does is not told of. A deleted one is judged as it was.',
  })
  filter?: MediaFilterInput | null
  @Field(() => String, {
    nullable: true,
    description:
      'Cursor of an event: tells what has happened since, then goes on live. Live from now on without it.',
  })
  after?: string | null
}
