import { ArgsType, Field, ID, InputType, Int } from 'type-graphql'
import type { PageArguments } from '../../platform/db/keyset.ts'
import { DateTime } from '../../platform/graphql/scalars.ts'
import { IDEMPOTENCY_KEY } from '../../platform/idempotency/idempotency-key.ts'

const maybe = (description: string) => ({ nullable: true, description })
const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'

@InputType('ApiKeyOwnerInput', { description: 'For whom a key acts.' })
export class ApiKeyOwnerInput {
  @Field(() => ID, { description: "The owner's id in the system that the account belongs to." }) id: string
  @Field(() => String, maybe('Display name; an owner that is known keeps its name without one.')) name?:
    | string
    | null
}

@InputType('CreateApiKeyInput', { description: 'What the new key is for.' })
export class CreateApiKeyInput {
  @Field(() => String, maybe('What it is called; at most 200 characters.')) name?: string | null
  @Field(() => [String], { description: 'What it may do; nothing that your own credential may not.' })
  scopes: string[]
  @Field(() => ApiKeyOwnerInput, maybe('For whom it acts: it then reaches their media alone.'))
  owner?: ApiKeyOwnerInput | null
  @Field(() => [String], maybe('Groups whose media its owner may read; at most 100.')) groupIds?:
    | string[]
    | null
  @Field(() => DateTime, maybe('When it ends by itself; never without it.')) expiresAt?: Date | null
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('RotateApiKeyInput', { description: 'Which key gets a new secret.' })
export class RotateApiKeyInput {
  @Field(() => ID, { description: 'The key.' }) id: string
  @Field(() => Int, {
    defaultValue: 0,
    description:
      'For how long the old secret stays valid beside the new one, at most a year; 0 ends it at once.',
  })
  keepOldForSeconds: number
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('RevokeApiKeyInput', { description: 'Which key to end.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'The key.' }) id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ArgsType()
export class ApiKeysArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Go on behind this cursor.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Stop ahead of this cursor.')) before?: string | null
}
