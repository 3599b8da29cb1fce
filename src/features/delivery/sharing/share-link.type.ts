import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { PageArguments } from '../../../platform/db/keyset.ts'
import { connectionOf } from '../../../platform/graphql/connection.ts'
import { NodeInterface } from '../../../platform/graphql/node.ts'
import { Payload } from '../../../platform/graphql/payload.ts'
import { BigIntScalar, DateTime } from '../../../platform/graphql/scalars.ts'
import { IDEMPOTENCY_KEY } from '../../../platform/idempotency/idempotency-key.ts'
import { DEFAULT_DAYS, LONGEST_DAYS } from './link-terms.ts'
import type { NewShareLink } from './share-link.service.ts'

const maybe = (description: string) => ({ nullable: true, description })
const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'

@ObjectType('ShareLink', {
  implements: NodeInterface,
  description:
    'A link by which others may fetch the content of one media. Its URL is shown only when it is made.',
})
export class ShareLinkType extends NodeInterface {
  @Field(() => ID, { description: 'The media that it opens.' }) mediaId: string
  @Field(() => String, { description: 'Names the credential that made it.' }) createdBy: string
  @Field(() => DateTime, { description: 'When it was made.' }) createdAt: Date
  @Field(() => DateTime, { description: 'When it ends by itself.' }) expiresAt: Date
  @Field(() => Int, { description: 'How many downloads it allows; 0 = any number.' }) maxDownloads: number
  @Field(() => BigIntScalar, { description: 'How many downloads were started through it.' })
  timesDownloaded: number
  @Field(() => DateTime, maybe('When it was revoked; null while it was not.')) revokedAt: Date | null
}

export const { ConnectionType: ShareLinkConnection, ConnectionResolver: ShareLinkConnectionResolver } =
  connectionOf('ShareLink', ShareLinkType)

@ArgsType()
export class ShareLinksArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor: stop ahead of it.')) before?: string | null
}

@InputType('CreateShareLinkInput', { description: 'What to share, until when, and how often.' })
export class CreateShareLinkInput implements NewShareLink {
  @Field(() => ID, { description: 'The media.' }) mediaId: string
  @Field(() => DateTime, maybe(`When the link ends; at most ${LONGEST_DAYS} days from now.`))
  expiresAt?: Date | null
  @Field(
    () => Int,
    maybe(
      `After how many seconds the link ends, instead of expiresAt. Without either: ${DEFAULT_DAYS} days.`,
    ),
  )
  expiresIn?: number | null
  @Field(() => Int, maybe('How many downloads the link allows; 0, as without it: any number.'))
  maxDownloads?: number | null
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ObjectType('CreateShareLinkPayload', { description: 'What became of the link.' })
export class CreateShareLinkPayload extends Payload {
  @Field(() => ShareLinkType, maybe('The new link.')) shareLink: ShareLinkType | null
  @Field(
    () => String,
    maybe('Its URL. Keep it: it is shown this once, and is null when the request is repeated.'),
  )
  url: string | null
}

@InputType('RevokeShareLinkInput', { description: 'Which link to end.' })
export class RevokeShareLinkInput {
  @Field(() => ID, { description: 'The link.' }) id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ObjectType('RevokeShareLinkPayload', { description: 'What became of the link.' })
export class RevokeShareLinkPayload extends Payload {
  @Field(() => ShareLinkType, maybe('The link as it is now.')) shareLink: ShareLinkType | null
}
