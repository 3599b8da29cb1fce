import { Extensions, Field, Float, Int, ObjectType } from 'type-graphql'
import { NodeInterface } from '../../platform/graphql/node.ts'
import { BigIntScalar, DateTime, JSONObject } from '../../platform/graphql/scalars.ts'
import { UserType } from '../access/user.type.ts'
import { MediaKind, MediaStatus, ScanState } from './media.enums.ts'

/** A field whose value may be absent. */
const maybe = (description: string) => ({ nullable: true, description })

@ObjectType('Geolocation', { simpleResolvers: true, description: 'A place on Earth, WGS 84.' })
export class Geolocation {
  @Field(() => Float, { description: 'Degrees north of the equator, -90 to 90.' }) latitude: number
  @Field(() => Float, { description: 'Degrees east of Greenwich, -180 to 180.' }) longitude: number
}

/**
 * A media as the API shows it. A field without `columns` is the column of the same name; every other names the columns
 * that it is made from, so that lists read no more than was asked for.
 */
@ObjectType('Media', {
  simpleResolvers: true,
  implements: NodeInterface,
  description: 'One item of the library: an image, a video, any file.',
})
export class MediaType extends NodeInterface {
  @Field(() => String, maybe('Name of your choice; unique in the account among what is not deleted.'))
  name: string | null
  @Field(() => String, { description: 'What the file was called where it came from.' })
  originalFileName: string
  @Field(() => String, maybe('Title for people.')) title: string | null
  @Field(() => String, maybe('Description for people.')) description: string | null
  @Field(() => String, maybe('What a picture shows, for those who cannot see it.')) altText: string | null
  @Field(() => MediaKind, { description: 'What it is, as a person would say it.' }) kind: MediaKind
  @Field(() => String, { description: 'MIME type of the bytes, whatever the uploader called them.' })
  mimeType: string
  @Field(() => String, maybe('MIME type that the uploader declared.')) declaredType: string | null
  @Field(() => MediaStatus, { description: 'Where it stands.' }) status: MediaStatus
  @Field(() => String, maybe('Why it failed, where it did.')) statusReason: string | null
  @Field(() => ScanState, {
    description:
      'What the malware scan says of its present content, which its URLs and share links answer by.',
  })
  scan: ScanState
  @Field(() => String, maybe('The malware that was found, or why there is no verdict.'))
  scanDetail: string | null
  @Field(() => String, { description: 'What made it: a word of the uploader, "unknown" without one.' })
  sourceType: string
  @Field(() => BigIntScalar, maybe('Size in bytes; null while there are none.')) size: number | null
  @Field(() => String, maybe('SHA-256 of the content in lower-case hex.')) sha256: string | null
  @Field(() => String, maybe('Changes with the content and with nothing else.')) etag: string | null
  @Field(() => Int, { description: 'Grows with each new content, from 1.' }) contentVersion: number
  @Extensions({ columns: ['version'] })
  @Field(() => String, {
    description:
      'Opaque; another one after each change of the media or its content. As ifMatch, it lets a change happen only if there was no other since.',
  })
  revision: string
  @Field(() => Int, maybe('Displayed width in pixels, after rotation.')) width: number | null
  @Field(() => Int, maybe('Displayed height in pixels, after rotation.')) height: number | null
  @Field(() => Float, maybe('Duration of audio and video in seconds.')) durationSeconds: number | null
  @Field(() => Int, maybe('Number of pages of a document.')) pageCount: number | null
  @Extensions({ columns: ['latitude', 'longitude'] })
  @Field(() => Geolocation, maybe('Where it was made.'))
  geolocation: Geolocation | null
  @Extensions({ columns: ['ownerId'] })
  @Field(() => UserType, maybe('For whom it was uploaded.'))
  owner: UserType | null
  @Field(() => String, maybe('The conversation that it belongs to.')) conversationId: string | null
  @Field(() => [String], { description: 'Groups that it belongs to.' }) groupIds: string[]
  @Field(() => [String], { description: 'Tags, in the order in which they were given.' }) tags: string[]
  @Field(() => String, maybe('Free text of yours.')) metadataPrimary: string | null
  @Field(() => String, maybe('More free text of yours.')) metadataSecondary: string | null
  @Field(() => JSONObject, { description: 'Structured data of yours.' }) metadata: Record<string, unknown>
  @Field(() => Boolean, { description: 'Whether its content is delivered without credentials.' })
  public: boolean
  @Field(() => BigIntScalar, { description: 'How many downloads of its content were started.' })
  timesDownloaded: number
  @Field(() => Int, { description: 'How many downloads are allowed; 0 = any number.' }) maxDownloads: number
  @Field(() => String, { description: 'Name of the store that holds its bytes.' }) storeId: string
  @Field(() => String, maybe('Cache-Control that its content is delivered with, instead of the default.'))
  cacheControl: string | null
  @Field(() => DateTime, { description: 'When it was uploaded.' }) createdAt: Date
  @Field(() => DateTime, { description: 'When anything of it was changed last.' }) updatedAt: Date
  @Field(() => DateTime, { description: 'When its content was changed last.' }) contentUpdatedAt: Date
  @Field(
    () => DateTime,
    maybe(
      'When it expires: then its content is not delivered any more, and within a minute it leaves every list.',
    ),
  )
  expiresAt: Date | null
  @Field(() => DateTime, maybe('When it was deleted.')) deletedAt: Date | null
  @Field(() => DateTime, maybe('When it goes for good, bytes and all; of what is deleted.'))
  purgeAt: Date | null
}
