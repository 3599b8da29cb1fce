import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../platform/graphql/connection.ts'
import { payload } from '../../platform/graphql/payload.ts'
import { type IdempotencyContext, keyedRequest } from '../../platform/idempotency/keyed-request.ts'
import type { Viewer } from '../access/viewer.ts'
import { MEDIA_EVENTS, MediaEventType } from '../events/media-event-type.ts'
import type { DeliveryRow } from './deliveries/delivery.row.ts'
import type { DeliveryService } from './deliveries/delivery.service.ts'
import { WebhookDeliveriesArgs, WebhookDeliveryConnection } from './deliveries/delivery.type.ts'
import {
  CreateWebhookInput,
  DeleteWebhookInput,
  RedeliverWebhookInput,
  RotateWebhookSecretInput,
  TestWebhookInput,
  UpdateWebhookInput,
  WebhooksArgs,
} from './endpoints/webhook.inputs.ts'
import type { WebhookRow } from './endpoints/webhook.row.ts'
import type { WebhookService } from './endpoints/webhook.service.ts'
import {
  CreateWebhookPayload,
  DeleteWebhookPayload,
  RedeliverWebhookPayload,
  RotateWebhookSecretPayload,
  TestWebhookPayload,
  UpdateWebhookPayload,
  WebhookConnection,
  WebhookType,
} from './endpoints/webhook.type.ts'

interface Context {
  readonly viewer: Viewer
}

const NOTHING = { webhook: null as WebhookRow | null }
const NOTHING_ISSUED = { ...NOTHING, secret: null as string | null }
const NOTHING_SENT = { delivery: null as DeliveryRow | null }

@Resolver(() => WebhookType)
export class WebhookResolver {
  constructor(
    private readonly deps: { readonly webhooks: WebhookService; readonly deliveries: DeliveryService },
  ) {}

  @Query(() => WebhookConnection, {
    description: 'The webhooks of the account, newest first. Needs the scope admin.',
  })
  webhooks(
    @Args(() => WebhooksArgs) page: WebhooksArgs,
    @Ctx() { viewer }: Context,
  ): Promise<Connection<WebhookRow>> {
    return this.deps.webhooks.list(viewer, page)
  }

  @Mutation(() => CreateWebhookPayload, {
    description:
      'Tells a URL of what happens from now on; at most 20 of an account. Needs the scopes admin and media:read.',
  })
  createWebhook(
    @Arg('input', () => CreateWebhookInput, { description: 'Where to tell of what.' })
    { clientMutationId, ...input }: CreateWebhookInput,
    @Ctx() context: Context & IdempotencyContext,
  ) {
    return payload({ clientMutationId }, NOTHING_ISSUED, () =>
      this.deps.webhooks.create(context.viewer, input, keyedRequest('createWebhook', { ...input }, context)),
    )
  }

  @Mutation(() => UpdateWebhookPayload, {
    description: 'Changes, disables or enables a webhook. Needs the scopes admin and media:read.',
  })
  updateWebhook(
    @Arg('input', () => UpdateWebhookInput, { description: 'What to change.' })
    { clientMutationId, ...change }: UpdateWebhookInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, NOTHING, async () => ({
      webhook: await this.deps.webhooks.update(viewer, change),
    }))
  }

  @Mutation(() => DeleteWebhookPayload, {
    description: 'Ends a webhook, and forgets what was sent to it. Needs the scope admin.',
  })
  deleteWebhook(
    @Arg('input', () => DeleteWebhookInput, { description: 'Which webhook.' }) input: DeleteWebhookInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload(input, { deletedWebhookId: null as string | null }, async () => ({
      deletedWebhookId: await this.deps.webhooks.delete(viewer, input.id),
    }))
  }

  @Mutation(() => RotateWebhookSecretPayload, {
    description:
      'Gives a webhook another secret; both sign for a day, or as long as you say. Needs the scope admin.',
  })
  rotateWebhookSecret(
    @Arg('input', () => RotateWebhookSecretInput, { description: 'Which webhook.' })
    { id, keepOldForSeconds, clientMutationId }: RotateWebhookSecretInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, NOTHING_ISSUED, () =>
      this.deps.webhooks.rotateSecret(viewer, id, keepOldForSeconds ?? undefined),
    )
  }

  @Mutation(() => TestWebhookPayload, {
    description: 'Sends a webhook an event that says nothing. Needs the scope admin.',
  })
  testWebhook(
    @Arg('input', () => TestWebhookInput, { description: 'Which webhook.' })
    { clientMutationId, ...input }: TestWebhookInput,
    @Ctx() context: Context & IdempotencyContext,
  ) {
    return payload({ clientMutationId }, NOTHING_SENT, async () => ({
      delivery: await this.deps.deliveries.test(
        context.viewer,
        input.id,
        keyedRequest('testWebhook', { ...input }, context),
      ),
    }))
  }

  @Mutation(() => RedeliverWebhookPayload, {
    description:
      'Sends events again, with the media as they are now, and with all attempts ahead; a delivery that waits still is tried at once, with those that it has left. Needs the scope admin.',
  })
  redeliverWebhook(
    @Arg('input', () => RedeliverWebhookInput, { description: 'What to send again.' })
    input: RedeliverWebhookInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload(input, { ...NOTHING_SENT, count: 0 }, () =>
      this.deps.deliveries.redeliver(viewer, input.id),
    )
  }

  @FieldResolver(() => [MediaEventType], { nullable: true })
  eventTypes(@Root() { recordedTypes }: WebhookRow): MediaEventType[] | null {
    if (!recordedTypes) return null
    return MEDIA_EVENTS.filter(({ recorded }) => recordedTypes.includes(recorded)).map(({ name }) => name)
  }

  @FieldResolver(() => WebhookDeliveryConnection, {
    description: 'What was sent to it, is meant to be, or could not be; newest first.',
  })
  deliveries(
    @Root() webhook: WebhookRow,
    @Args(() => WebhookDeliveriesArgs) page: WebhookDeliveriesArgs,
    @Ctx() { viewer }: Context,
  ): Promise<Connection<DeliveryRow>> {
    return this.deps.deliveries.list(viewer, webhook.id, page)
  }
}
