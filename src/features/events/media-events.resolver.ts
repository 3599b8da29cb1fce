import { Args, Resolver, Root, Subscription } from 'type-graphql'
import type { Viewer } from '../access/viewer.ts'
import { MediaEvent, MediaEventsArgs } from './media-event.type.ts'
import type { MediaEvents } from './media-events.service.ts'

/** What subscriptions need of a connection. */
export interface MediaEventsContext {
  /** Who it belongs to; asked anew from time to time. */
  readonly viewer: Viewer
  /** Aborted when it is closed. */
  readonly ended: AbortSignal
  readonly mediaEvents: Pick<MediaEvents, 'subscribe'>
}

@Resolver(() => MediaEvent)
export class MediaEventsResolver {
  /** The source gives events some at a time: who runs the subscription executes those together, so that their look-ups are batched. */
  @Subscription(() => MediaEvent, {
    description:
      'What happens to the media that you may see, as soon as it is committed. Over WebSocket (graphql-transport-ws) at /graphql, over SSE at /graphql/stream.',
    subscribe: ({ args, context }: { args: MediaEventsArgs; context: MediaEventsContext }) =>
      context.mediaEvents.subscribe({ ...args, viewer: () => context.viewer, ended: context.ended }),
  })
  mediaEvents(@Root() event: MediaEvent, @Args(() => MediaEventsArgs) _args: MediaEventsArgs): MediaEvent {
    return event
  }
}
