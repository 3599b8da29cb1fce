import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../platform/graphql/connection.ts'
import { payload } from '../../platform/graphql/payload.ts'
import { type IdempotencyContext, keyedRequest } from '../../platform/idempotency/keyed-request.ts'
import { bearerToken } from './credentials.ts'
import { ApiKeysArgs, CreateApiKeyInput, RevokeApiKeyInput, RotateApiKeyInput } from './key.inputs.ts'
import type { KeyRow } from './key.rows.ts'
import type { IssuedKey } from './key.service.ts'
import {
  ApiKeyConnection,
  ApiKeyType,
  CreateApiKeyPayload,
  RevokeApiKeyPayload,
  RotateApiKeyPayload,
} from './key.type.ts'
import type { KeyAdmin } from './key-admin.ts'
import { UserType } from './user.type.ts'
import type { Viewer } from './viewer.ts'

interface KeyContext {
  readonly viewer: Viewer
}

/** A media's id is its UUID itself; the ids of other nodes begin with what they are. */
const PREFIX = 'key_'
/** An id of something else names no key. */
const keyIdOf = (id: string): string => (id.startsWith(PREFIX) ? id.slice(PREFIX.length) : '')

const NOTHING = {
  apiKey: null as KeyRow | null,
  secret: null as string | null,
  token: null as string | null,
}

const issued = ({ key, secret }: IssuedKey): typeof NOTHING => ({
  apiKey: key,
  secret,
  token: secret && bearerToken({ keyId: key.id, secret }),
})

@Resolver(() => ApiKeyType)
export class ApiKeyResolver {
  constructor(private readonly admin: KeyAdmin) {}

  @Query(() => ApiKeyConnection, {
    description: 'The keys of the account, revoked ones too, newest first. Needs the scope admin.',
  })
  apiKeys(
    @Args(() => ApiKeysArgs) page: ApiKeysArgs,
    @Ctx() { viewer }: KeyContext,
  ): Promise<Connection<KeyRow>> {
    return this.admin.list(viewer, page)
  }

  @Mutation(() => CreateApiKeyPayload, { description: 'Makes a key of the account. Needs the scope admin.' })
  createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'What it is for.' }) input: CreateApiKeyInput,
    @Ctx() context: KeyContext & IdempotencyContext,
  ) {
    const { clientMutationId, ...rest } = input
    const { name, idempotencyKey, ...request } = rest
    return payload({ clientMutationId }, NOTHING, async () => {
      const keyed = keyedRequest('createApiKey', rest, context)
      return issued(await this.admin.create(context.viewer, { ...request, label: name }, keyed))
    })
  }

  @Mutation(() => RotateApiKeyPayload, {
    description: 'Gives a key a new secret; the key itself stays what it is. Needs the scope admin.',
  })
  rotateApiKey(
    @Arg('input', () => RotateApiKeyInput, { description: 'Which key.' }) input: RotateApiKeyInput,
    @Ctx() { viewer }: KeyContext,
  ) {
    return payload(input, NOTHING, async () =>
      issued(await this.admin.rotate(viewer, keyIdOf(input.id), input.keepOldForSeconds)),
    )
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description: 'Ends a key for good, within 5 seconds everywhere. Needs the scope admin.',
  })
  revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput, { description: 'Which key.' }) input: RevokeApiKeyInput,
    @Ctx() { viewer }: KeyContext,
  ) {
    return payload(input, { apiKey: null as KeyRow | null }, async () => ({
      apiKey: await this.admin.revoke(viewer, keyIdOf(input.id)),
    }))
  }

  @FieldResolver(() => ID)
  id(@Root() key: KeyRow): string {
    return PREFIX + key.id
  }

  @FieldResolver(() => String)
  keyId(@Root() key: KeyRow): string {
    return key.id
  }

  @FieldResolver(() => String)
  name(@Root() key: KeyRow): string {
    return key.label
  }

  @FieldResolver(() => UserType, { nullable: true })
  owner(@Root() { ownerId, ownerName }: KeyRow): UserType | null {
    return ownerId === null ? null : { id: ownerId, name: ownerName ?? ownerId }
  }
}
