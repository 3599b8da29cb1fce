import { Field, ID, Int, ObjectType } from 'type-graphql'
import { connectionOf } from '../../platform/graphql/connection.ts'
import { Payload } from '../../platform/graphql/payload.ts'
import { DateTime } from '../../platform/graphql/scalars.ts'
import { UserType } from './user.type.ts'

const maybe = (description: string) => ({ nullable: true, description })

/** The fields of KeyRow that are shown as they are; the resolver makes the others. */
@ObjectType('ApiKey', {
  description: 'A credential of the account. Its secret is shown once, when it is made.',
})
export class ApiKeyType {
  @Field(() => ID, { description: 'Global id; opaque.' }) id: string
  @Field(() => String, {
    description: 'Names the key in credentials: the user name of Basic authentication.',
  })
  keyId: string
  @Field(() => String, { description: 'What it is called; not necessarily unique, empty without a name.' })
  name: string
  @Field(() => [String], { description: 'What it may do; "*" is everything.' }) scopes: string[]
  @Field(() => UserType, maybe('For whom it acts; null when for the whole account.'))
  owner: UserType | null
  @Field(() => [String], { description: 'Groups whose media its owner may read.' }) groupIds: string[]
  @Field(() => DateTime, { description: 'When it was made.' }) createdAt: Date
  @Field(() => DateTime, maybe('When it ends by itself.')) expiresAt: Date | null
  @Field(() => DateTime, maybe('When it was revoked.')) revokedAt: Date | null
  @Field(() => DateTime, maybe('When it was used last, exact to a minute.')) lastUsedAt: Date | null
  @Field(() => Int, { description: 'How many secrets are valid now: two while one is being replaced.' })
  liveSecrets: number
}

export const { ConnectionType: ApiKeyConnection, ConnectionResolver: ApiKeyConnectionResolver } =
  connectionOf('ApiKey', ApiKeyType)

@ObjectType()
abstract class IssuedKeyPayload extends Payload {
  @Field(() => ApiKeyType, maybe('The key.')) apiKey: ApiKeyType | null
  @Field(
    () => String,
    maybe(
      'The new secret: the password of Basic authentication. Shown this once; null when the request is repeated.',
    ),
  )
  secret: string | null
  @Field(
    () => String,
    maybe(
      'Key and secret in one: the token of Bearer authentication. Shown this once; null when the request is repeated.',
    ),
  )
  token: string | null
}

@ObjectType('CreateApiKeyPayload', { description: 'The new key, and its secret for the only time.' })
export class CreateApiKeyPayload extends IssuedKeyPayload {}

@ObjectType('RotateApiKeyPayload', { description: 'The key, and its new secret for the only time.' })
export class RotateApiKeyPayload extends IssuedKeyPayload {}

@ObjectType('RevokeApiKeyPayload', { description: 'What became of the key.' })
export class RevokeApiKeyPayload extends Payload {
  @Field(() => ApiKeyType, maybe('The key; it works nowhere any more within 5 seconds.'))
  apiKey: ApiKeyType | null
}
