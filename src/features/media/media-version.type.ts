import { ArgsType, Field, Int, ObjectType } from 'type-graphql'
import type { PageArguments } from '../../platform/db/keyset.ts'
import { connectionOf } from '../../platform/graphql/connection.ts'
import { BigIntScalar, DateTime } from '../../platform/graphql/scalars.ts'
import { ScanState } from './media.enums.ts'

const maybe = (description: string) => ({ nullable: true, description })

@ObjectType('MediaVersion', {
  simpleResolvers: true,
  description: 'A content that a media has or had; the present one is a version, too.',
})
export class MediaVersionType {
  @Field(() => Int, { description: 'Counts the contents of the media from 1; goes into ?v= of its URL.' })
  contentVersion: number
  @Field(() => BigIntScalar, { description: 'Size in bytes.' }) size: number
  @Field(() => String, { description: 'SHA-256 in lower-case hex.' }) sha256: string
  @Field(() => String, { description: 'MIME type of the bytes, whatever the uploader called them.' })
  mimeType: string
  @Field(() => String, { description: 'What the file was called where it came from.' })
  originalFileName: string
  @Field(() => ScanState, { description: 'What the malware scan says of it.' }) scan: ScanState
  @Field(() => String, maybe('The malware that was found, or why there is no verdict.'))
  scanDetail: string | null
  @Field(() => DateTime, { description: 'When it became the content of the media.' }) createdAt: Date
}

export const { ConnectionType: MediaVersionConnection, ConnectionResolver: MediaVersionConnectionResolver } =
  connectionOf('MediaVersion', MediaVersionType)

@ArgsType()
export class MediaVersionsArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor of this list: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor of this list: stop ahead of it.')) before?: string | null
}
