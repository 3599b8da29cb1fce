import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { PageArguments } from '../../../platform/db/keyset.ts'
import { connectionOf } from '../../../platform/graphql/connection.ts'
import { Payload } from '../../../platform/graphql/payload.ts'
import { DateTime } from '../../../platform/graphql/scalars.ts'
import { IDEMPOTENCY_KEY } from '../../../platform/idempotency/idempotency-key.ts'
import type { Algorithm } from './verify-token.ts'

const maybe = (description: string) => ({ nullable: true, description })

const SignatureAlgorithm: Readonly<Record<string, Algorithm>> = {
  RS256: 'RS256',
  ES256: 'ES256',
  EDDSA: 'EdDSA',
}
registerEnumType(SignatureAlgorithm, {
  name: 'SignatureAlgorithm',
  description: 'How tokens are signed (RFC 7518, RFC 8037).',
  valuesConfig: {
    RS256: { description: 'RSASSA-PKCS1-v1_5 with SHA-256.' },
    ES256: { description: 'ECDSA on P-256 with SHA-256.' },
    EDDSA: { description: 'Ed25519.' },
  },
})

@ObjectType('Application', {
  description:
    'A program of your account that signs its own tokens (JWT); the gateway knows its public key alone.',
})
export class ApplicationType {
  @Field(() => ID, { description: 'What its tokens say in the claim application_id.' }) id: string
  @Field(() => String, { description: 'What you called it.' }) name: string
  @Field(() => String, { description: 'Its public key in PEM.' }) publicKey: string
  @Field(() => SignatureAlgorithm, { description: 'The only algorithm that its tokens may be signed by.' })
  algorithm: Algorithm
  @Field(() => [String], { description: 'What its tokens may do; an acl claim can only narrow it.' })
  scopes: string[]
  @Field(() => DateTime, { description: 'When it was registered.' }) createdAt: Date
  @Field(() => DateTime, maybe('When it was revoked; null while its tokens are taken.'))
  revokedAt: Date | null
}

export const { ConnectionType: ApplicationConnection, ConnectionResolver: ApplicationConnectionResolver } =
  connectionOf('Application', ApplicationType)

@ArgsType()
export class ApplicationsArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor of this list: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor of this list: stop ahead of it.')) before?: string | null
}

const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'

@InputType('CreateApplicationInput', { description: 'Which application to register.' })
export class CreateApplicationInput {
  @Field(() => String, maybe('What to call it; at most 200 characters.')) name?: string | null
  @Field(() => String, {
    description: 'PEM or a JWK: RSA of 2048 to 8192 bits (RS256), EC on P-256 (ES256), or Ed25519 (EdDSA).',
  })
  publicKey: string
  @Field(() => [String], maybe('What its tokens may do; all scopes of media that you have without it.'))
  scopes?: string[] | null
  @Field(() => String, maybe(IDEMPOTENCY_KEY)) idempotencyKey?: string | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('RevokeApplicationInput', { description: 'Which application to revoke.' })
export class RevokeApplicationInput {
  @Field(() => ID, { description: 'The application.' }) id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@ObjectType('CreateApplicationPayload', { description: 'What became of the registration.' })
export class CreateApplicationPayload extends Payload {
  @Field(() => ApplicationType, maybe('The application.')) application: ApplicationType | null
}

@ObjectType('RevokeApplicationPayload', { description: 'What became of the revocation.' })
export class RevokeApplicationPayload extends Payload {
  @Field(() => ApplicationType, maybe('The application as it is now.')) application: ApplicationType | null
}
