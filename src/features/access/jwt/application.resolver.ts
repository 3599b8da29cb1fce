import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { payload } from '../../../platform/graphql/payload.ts'
import { type IdempotencyContext, keyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import type { Viewer } from '../viewer.ts'
import type { ApplicationRow } from './application.service.ts'
import {
  ApplicationConnection,
  ApplicationsArgs,
  ApplicationType,
  CreateApplicationInput,
  CreateApplicationPayload,
  RevokeApplicationInput,
  RevokeApplicationPayload,
} from './application.type.ts'
import type { ApplicationAdmin } from './application-admin.ts'

interface ViewerContext {
  readonly viewer: Viewer
}

@Resolver(() => ApplicationType)
export class ApplicationResolver {
  constructor(private readonly admin: ApplicationAdmin) {}

  @Query(() => ApplicationConnection, {
    description: 'The applications of your account, revoked ones too, newest first. Needs the scope admin.',
  })
  applications(
    @Args(() => ApplicationsArgs) page: ApplicationsArgs,
    @Ctx() { viewer }: ViewerContext,
  ): Promise<Connection<ApplicationRow>> {
    return this.admin.list(viewer, page)
  }

  @Mutation(() => CreateApplicationPayload, {
    description:
      'Registers an application by its public key. Needs the scope admin, and the scopes that it is given.',
  })
  createApplication(
    @Arg('input', () => CreateApplicationInput, { description: 'Which application.' })
    { clientMutationId, ...input }: CreateApplicationInput,
    @Ctx() context: ViewerContext & IdempotencyContext,
  ) {
    return payload({ clientMutationId }, { application: null as ApplicationRow | null }, async () => ({
      application: await this.admin.create(
        context.viewer,
        input,
        keyedRequest('createApplication', input, context),
      ),
    }))
  }

  @Mutation(() => RevokeApplicationPayload, {
    description:
      'Ends an application for good; its tokens are refused within 5 seconds. Needs the scope admin.',
  })
  revokeApplication(
    @Arg('input', () => RevokeApplicationInput, { description: 'Which application.' })
    input: RevokeApplicationInput,
    @Ctx() { viewer }: ViewerContext,
  ) {
    return payload(input, { application: null as ApplicationRow | null }, async () => ({
      application: await this.admin.revoke(viewer, input.id),
    }))
  }
}
