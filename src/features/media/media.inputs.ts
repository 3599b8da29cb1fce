import { ArgsType, Field, Float, InputType, Int } from 'type-graphql'
import type { PageArguments } from '../../platform/db/keyset.ts'
import { DateTime, JSONObject } from '../../platform/graphql/scalars.ts'
import { MediaFilterInput } from './filter.inputs.ts'
import { MediaOrderField, SortDirection } from './media.enums.ts'
import type { MediaFields } from './media.fields.ts'
import type { MediaOrder } from './media.order.ts'

const maybe = (description: string) => ({ nullable: true, description })

@InputType('GeolocationInput', { description: 'A place on Earth, WGS 84.' })
export class GeolocationInput {
  @Field(() => Float, { description: 'Degrees north of the equator, -90 to 90.' }) latitude: number
  @Field(() => Float, { description: 'Degrees east of Greenwich, -180 to 180.' }) longitude: number
}

/** What a user may say about a media, at every mutation that takes it. */
@InputType()
export abstract class MediaFieldsInput implements MediaFields {
  @Field(() => String, maybe('Name of your choice, unique in the account; at most 512 characters.'))
  name?: string | null
  @Field(() => String, maybe('Title for people; at most 1 000 characters.')) title?: string | null
  @Field(() => String, maybe('Description for people; at most 10 000 characters.')) description?:
    | string
    | null
  @Field(() => String, maybe('What a picture shows; at most 2 000 characters.')) altText?: string | null
  @Field(() => [String], maybe('At most 100 tags of at most 100 characters.')) tags?: string[] | null
  @Field(() => String, maybe('Free text of yours; at most 10 000 characters.')) metadataPrimary?:
    | string
    | null
  @Field(() => String, maybe('More free text of yours; at most 10 000 characters.'))
  metadataSecondary?: string | null
  @Field(
    () => JSONObject,
    maybe('Structured data of yours; at most 64 KiB of JSON, nested at most 100 deep.'),
  )
  metadata?: Record<string, unknown> | null
  @Field(() => GeolocationInput, maybe('Where it was made.')) geolocation?: GeolocationInput | null
  @Field(() => String, maybe('The conversation that it belongs to; at most 200 characters.'))
  conversationId?: string | null
  @Field(() => [String], maybe('Groups that it belongs to; at most 100.')) groupIds?: string[] | null
  @Field(() => String, maybe('What made it: "snapshot", "recording" …; at most 64 characters.'))
  sourceType?: string | null
  @Field(() => Boolean, maybe('Whether its content is delivered without credentials.')) public?:
    | boolean
    | null
  @Field(() => Int, maybe('How many downloads are allowed; 0 = any number.')) maxDownloads?: number | null
  @Field(() => String, maybe('Cache-Control to deliver its content with.')) cacheControl?: string | null
  @Field(
    () => DateTime,
    maybe(
      "When it shall expire, in the future; null: it shall not. Either is stronger than the operator's rules. To let a media end sooner than it would needs the scope media:delete.",
    ),
  )
  expiresAt?: Date | null
}

@InputType('MediaOrder', { description: 'What to order by, and which end comes first.' })
export class MediaOrderInput implements MediaOrder {
  @Field(() => MediaOrderField, { description: 'What to order by.' }) field: MediaOrderField
  @Field(() => SortDirection, { defaultValue: SortDirection.ASC, description: 'Which end comes first.' })
  direction: SortDirection
}

@ArgsType()
export class MediaItemsArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor of this list in this order: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor of this list in this order: stop ahead of it.')) before?: string | null
  @Field(() => MediaFilterInput, maybe('Which media; all of them without it.'))
  filter?: MediaFilterInput | null
  @Field(() => MediaOrderInput, maybe('Newest first without it.')) orderBy?: MediaOrderInput | null
}
