import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { PageArguments } from '../../../platform/db/keyset.ts'
import { connectionOf } from '../../../platform/graphql/connection.ts'
import { NodeInterface } from '../../../platform/graphql/node.ts'
import { Payload } from '../../../platform/graphql/payload.ts'
import { DateTime } from '../../../platform/graphql/scalars.ts'
import type { LegalHoldRow } from './legal-hold.row.ts'
import type { NewLegalHold } from './legal-hold.service.ts'

const maybe = (description: string) => ({ nullable: true, description })
const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'

@ObjectType('LegalHold', {
  simpleResolvers: true,
  implements: NodeInterface,
  description: 'Keeps a media and its content from being deleted, by anybody, until it is released.',
})
export class LegalHoldType extends NodeInterface implements LegalHoldRow {
  @Field(() => ID, { description: 'The media that it keeps.' }) mediaId: string
  @Field(() => String, { description: 'Why.' }) reason: string
  @Field(() => String, { description: 'Names the credential that applied it.' }) author: string
  @Field(() => DateTime, { description: 'When it was applied.' }) createdAt: Date
  @Field(() => DateTime, maybe('When it was released; null while it holds.')) releasedAt: Date | null
  @Field(() => String, maybe('Names the credential that released it.')) releasedBy: string | null
}

export const { ConnectionType: LegalHoldConnection, ConnectionResolver: LegalHoldConnectionResolver } =
  connectionOf('LegalHold', LegalHoldType)

const INCLUDE_RELEASED = 'Whether released holds are shown, too.'

@ArgsType()
export class MediaLegalHoldsArgs {
  @Field(() => Boolean, { defaultValue: false, description: INCLUDE_RELEASED }) includeReleased: boolean
}

@ArgsType()
export class LegalHoldsArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor: stop ahead of it.')) before?: string | null
  @Field(() => ID, maybe('Those of one media; of all without it.')) mediaId?: string | null
  @Field(() => Boolean, { defaultValue: false, description: INCLUDE_RELEASED }) includeReleased: boolean
}

@InputType('ApplyLegalHoldInput', { description: 'What to keep, and why.' })
export class ApplyLegalHoldInput implements NewLegalHold {
  @Field(() => ID, { description: 'The media.' }) mediaId: string
  @Field(() => String, { description: 'Why, for those who decide on its release: 1 to 1 000 characters.' })
  reason: string
  @Field(
    () => Boolean,
    maybe('Whether the media may lie in the trash; its bytes then stay there. Without it, it is not found.'),
  )
  includeDeleted?: boolean | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ObjectType('ApplyLegalHoldPayload', { description: 'What became of the hold.' })
export class ApplyLegalHoldPayload extends Payload {
  @Field(() => LegalHoldType, maybe('The new hold, in force.')) legalHold: LegalHoldType | null
}

@InputType('ReleaseLegalHoldInput', { description: 'Which hold to release.' })
export class ReleaseLegalHoldInput {
  @Field(() => ID, { description: 'The hold.' }) id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ObjectType('ReleaseLegalHoldPayload', { description: 'What became of the release.' })
export class ReleaseLegalHoldPayload extends Payload {
  @Field(() => LegalHoldType, maybe('The hold as it is now.')) legalHold: LegalHoldType | null
}
