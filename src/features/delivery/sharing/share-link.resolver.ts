import { Arg, Args, Ctx, Extensions, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { payload } from '../../../platform/graphql/payload.ts'
import { type IdempotencyContext, keyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import type { MediaFacts } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { MediaType } from '../../media/media.type.ts'
import type { ShareLinkRow, ShareLinkService } from './share-link.service.ts'
import {
  CreateShareLinkInput,
  CreateShareLinkPayload,
  RevokeShareLinkInput,
  RevokeShareLinkPayload,
  ShareLinkConnection,
  ShareLinksArgs,
} from './share-link.type.ts'

interface Context {
  readonly viewer: Viewer
}

@Resolver(() => MediaType)
export class ShareLinkResolver {
  constructor(
    private readonly deps: {
      readonly links: Pick<ShareLinkService, 'create' | 'revoke' | 'list'>
      readonly publicUrl: () => string
    },
  ) {}

  @Mutation(() => CreateShareLinkPayload, {
    description: 'Makes a link by which anybody who has it may fetch the content of a media.',
  })
  createShareLink(
    @Arg('input', () => CreateShareLinkInput, { description: 'What to share, until when, and how often.' })
    { clientMutationId, ...input }: CreateShareLinkInput,
    @Ctx() context: Context & IdempotencyContext,
  ) {
    const empty = { shareLink: null as ShareLinkRow | null, url: null as string | null }
    return payload({ clientMutationId }, empty, async () => {
      const keyed = keyedRequest('createShareLink', input, context)
      const { link, token } = await this.deps.links.create(context.viewer, input, keyed)
      return { shareLink: link, url: token && `${this.deps.publicUrl()}/s/${token}` }
    })
  }

  @Mutation(() => RevokeShareLinkPayload, { description: 'Ends a share link at once and for good.' })
  revokeShareLink(
    @Arg('input', () => RevokeShareLinkInput, { description: 'Which link to end.' })
    input: RevokeShareLinkInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload(input, { shareLink: null as ShareLinkRow | null }, async () => ({
      shareLink: await this.deps.links.revoke(viewer, input.id),
    }))
  }

  @Extensions({ columns: ['accountId', 'ownerId', 'groupIds', 'public', 'openHolds'] })
  @FieldResolver(() => ShareLinkConnection, {
    nullable: true,
    description:
      'Its share links, newest first, those that have ended included. Needs the scope media:share.',
  })
  shareLinks(
    @Root() media: MediaFacts,
    @Ctx() { viewer }: Context,
    @Args(() => ShareLinksArgs) page: ShareLinksArgs,
  ): Promise<Connection<ShareLinkRow>> {
    return this.deps.links.list(viewer, media, page)
  }
}
