import { Field, ID, InputType, ObjectType } from 'type-graphql'
import { Payload } from '../../../platform/graphql/payload.ts'
import { BigIntScalar, DateTime } from '../../../platform/graphql/scalars.ts'
import { IDEMPOTENCY_KEY } from '../../../platform/idempotency/idempotency-key.ts'
import { MediaFieldsInput } from '../../media/media.inputs.ts'
import { MediaType } from '../../media/media.type.ts'
import type { DuplicatePolicy } from '../duplicate-policy.ts'
import { STORE_ID } from '../stores/store-id.field.ts'
import { DuplicatePolicyType } from '../upload.enums.ts'

const maybe = (description: string) => ({ nullable: true, description })
const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'

@InputType('ReplacedMediaInput', { description: 'A media whose content is to be replaced.' })
export class ReplacedMediaInput {
  @Field(() => ID, { description: 'The media.' }) id: string
  @Field(() => String, maybe('The revision that it must still have when the upload is completed.'))
  ifMatch?: string | null
}

@InputType('CreateUploadInput', {
  description: 'What file will come, apart from this request, and what is said about it.',
})
export class CreateUploadInput extends MediaFieldsInput {
  @Field(() => String, maybe('What the file is called; at most 255 characters.')) fileName?: string | null
  @Field(
    () => String,
    maybe('What type you think it is. A hint: the type of the media is that of its bytes.'),
  )
  mimeType?: string | null
  @Field(() => BigIntScalar, maybe('How many bytes will come; others are refused.')) size?: number | null
  @Field(() => BigIntScalar, maybe('How many bytes may come at the most, where size is not known.'))
  maxSize?: number | null
  @Field(() => String, maybe('SHA-256 of the bytes, in hexadecimal digits; others are refused.'))
  sha256?: string | null
  @Field(
    () => [String],
    maybe('Media types that the bytes may be of, such as "image/png" or "image/*"; any without it.'),
  )
  accept?: string[] | null
  @Field(() => DuplicatePolicyType, {
    nullable: true,
    defaultValue: 'KEEP',
    description: 'What becomes of the file when the account has its content already.',
  })
  onDuplicate?: DuplicatePolicy | null
  @Field(
    () => ReplacedMediaInput,
    maybe(
      'The media whose content the file is to become, instead of a new media: then nothing is said about it.',
    ),
  )
  replaces?: ReplacedMediaInput | null
  @Field(
    () => Boolean,
    maybe(
      'Ask for requests to the store itself, too; they need size, and are one request where sha256 is given.',
    ),
  )
  presigned?: boolean | null
  @Field(() => String, maybe(STORE_ID)) storeId?: string | null
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ObjectType('HttpHeader', { description: 'A header field of a request.' })
export class HttpHeaderType {
  @Field(() => String, { description: 'Its name.' }) name: string
  @Field(() => String, { description: 'Its value.' }) value: string
}

@ObjectType('PresignedRequest', { description: 'A request to the store, to be sent as it stands.' })
export class PresignedRequestType {
  @Field(() => String, { description: 'Its method.' }) method: string
  @Field(() => String, { description: 'Its URL, which is its credential.' }) url: string
  @Field(() => [HttpHeaderType], { description: 'Header fields that it must have.' })
  headers: HttpHeaderType[]
}

@ObjectType('PresignedUpload', { description: 'Requests to the store itself that write the file.' })
export class PresignedUploadType {
  @Field(
    () => BigIntScalar,
    maybe(
      'Bytes of each part, one request a part, the last part shorter; null where one request takes the file.',
    ),
  )
  partSize: number | null
  @Field(() => [PresignedRequestType], { description: 'The requests, in the order of the parts.' })
  requests: PresignedRequestType[]
}

@ObjectType('UploadTicket', {
  description:
    'Permission for one file to come. Its URLs need no credential: whoever has one may send the file, and nothing else.',
})
export class UploadTicketType {
  @Field(() => ID, { description: 'For completeUpload, and for replaceMediaContent.' }) id: string
  @Field(() => String, { description: 'PUT the bytes here, as the body of one request.' }) putUrl: string
  @Field(
    () => String,
    maybe(
      'Or create tus uploads here (tus 1.0), partial ones included; null where the store takes no pieces.',
    ),
  )
  tusEndpoint: string | null
  @Field(
    () => PresignedUploadType,
    maybe('Or send them to the store itself; null where that was not asked for, or cannot be.'),
  )
  presigned: PresignedUploadType | null
  @Field(() => DateTime, { description: 'Until when the file may come and be completed.' }) expiresAt: Date
}

@ObjectType('CreateUploadPayload', { description: 'What became of the request.' })
export class CreateUploadPayload extends Payload {
  @Field(() => UploadTicketType, maybe('The ticket.')) ticket: UploadTicketType | null
}

@InputType('CompleteUploadInput', { description: 'Which upload is to become a media.' })
export class CompleteUploadInput {
  @Field(() => ID, { description: 'The ticket.' }) id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ObjectType('CompleteUploadPayload', { description: 'What became of the upload.' })
export class CompleteUploadPayload extends Payload {
  @Field(
    () => MediaType,
    maybe(
      'The new media, or the one with its new content; durable when you read this, and the same each time.',
    ),
  )
  media: MediaType | null
}
