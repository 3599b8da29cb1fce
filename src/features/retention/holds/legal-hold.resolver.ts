import { Arg, Args, Ctx, Extensions, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { payload } from '../../../platform/graphql/payload.ts'
import { demand, type MediaFacts } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { MediaType } from '../../media/media.type.ts'
import type { LegalHoldLoader } from './legal-hold.loader.ts'
import type { LegalHoldRow, LegalHoldService } from './legal-hold.service.ts'
import {
  ApplyLegalHoldInput,
  ApplyLegalHoldPayload,
  LegalHoldConnection,
  LegalHoldsArgs,
  LegalHoldType,
  MediaLegalHoldsArgs,
  ReleaseLegalHoldInput,
  ReleaseLegalHoldPayload,
} from './legal-hold.type.ts'

interface Context {
  readonly viewer: Viewer
  readonly legalHolds: LegalHoldLoader
}

const NOTHING = { legalHold: null as LegalHoldRow | null }

@Resolver(() => MediaType)
export class LegalHoldResolver {
  constructor(
    private readonly deps: { readonly holds: Pick<LegalHoldService, 'apply' | 'release' | 'list'> },
  ) {}

  @Query(() => LegalHoldConnection, {
    description:
      'The legal holds of the account, newest first, those on media in the trash included. Needs the scope admin.',
  })
  legalHolds(
    @Args(() => LegalHoldsArgs) { mediaId, includeReleased, ...page }: LegalHoldsArgs,
    @Ctx() { viewer }: Context,
  ): Promise<Connection<LegalHoldRow>> {
    return this.deps.holds.list(viewer, { page, mediaId, includeReleased })
  }

  @Mutation(() => ApplyLegalHoldPayload, {
    description:
      'Keeps a media and its content until the hold is released; several may hold one media. Needs the scope admin.',
  })
  applyLegalHold(
    @Arg('input', () => ApplyLegalHoldInput, { description: 'What to keep, and why.' })
    { clientMutationId, ...wanted }: ApplyLegalHoldInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, NOTHING, async () => ({
      legalHold: await this.deps.holds.apply(viewer, wanted),
    }))
  }

  @Mutation(() => ReleaseLegalHoldPayload, {
    description:
      'Ends one legal hold; the media is free once all are released. Its record stays. Needs the scope admin.',
  })
  releaseLegalHold(
    @Arg('input', () => ReleaseLegalHoldInput, { description: 'Which hold to release.' })
    input: ReleaseLegalHoldInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload(input, NOTHING, async () => ({
      legalHold: await this.deps.holds.release(viewer, input.id),
    }))
  }

  @Extensions({ columns: ['accountId', 'ownerId', 'groupIds', 'public', 'openHolds'] })
  @FieldResolver(() => [LegalHoldType], {
    name: 'legalHolds',
    nullable: true,
    description:
      'Its legal holds, newest first; at most 100 that hold, and the last 100 that were released. Needs the scope admin.',
  })
  legalHoldsOf(
    @Root() media: MediaFacts,
    @Ctx() { viewer, legalHolds }: Context,
    @Args(() => MediaLegalHoldsArgs) { includeReleased }: MediaLegalHoldsArgs,
  ): Promise<readonly LegalHoldRow[]> {
    demand(viewer, 'hold', media)
    return legalHolds.load({ mediaId: media.id, includeReleased })
  }
}
