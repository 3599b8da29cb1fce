import { Ctx, FieldResolver, Resolver } from 'type-graphql'
import { ViewerType } from '../access/viewer.resolver.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaEvents } from './media-events.service.ts'

@Resolver(() => ViewerType)
export class EventCursorResolver {
  constructor(private readonly events: Pick<MediaEvents, 'cursor'>) {}

  @FieldResolver(() => String, {
    description:
      'Cursor behind all that has happened: ask for it, load a list, subscribe to mediaEvents after it, and nothing is missed.',
  })
  eventCursor(@Ctx() { viewer }: { viewer: Viewer }): Promise<string> {
    return this.events.cursor(viewer)
  }
}
