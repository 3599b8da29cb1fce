import type { EventFeed } from './event-feed.ts'
import { type EventLog, isKept, type RecordedEvent } from './event-log.ts'
import { EventQueue } from './event-queue.ts'
import { cursorExpired, noCursor } from './events.errors.ts'
import { decodePosition, encodePosition, type Position } from './position.ts'
import { hasSeen, isEarlier, type Snapshot } from './snapshot.ts'

export interface FollowRequest {
  readonly accountId: string
  /** Where to go on; null = with what is committed from now on. */
  readonly after: Position | null
  /** Aborted when nobody follows any more. */
  readonly ended: AbortSignal
}

/** The position of a cursor that a client gives; throws BAD_REQUEST. */
export function positionOf(cursor: string): Position {
  const position = decodePosition(cursor)
  if (!position) throw noCursor()
  return position
}

/** The events of an account, from a cursor on and then live, with nothing lost or told twice in between. */
export class EventStream {
  constructor(private readonly deps: { readonly log: EventLog; readonly feed: Pick<EventFeed, 'join'> }) {}

  /** The cursor behind all that is committed by now. */
  async cursor(): Promise<string> {
    return encodePosition(await this.deps.log.now())
  }

  /**
   * Events in their order, some at a time, until `ended`.
   *
   * @throws CURSOR_EXPIRED, SUBSCRIBER_TOO_SLOW, BAD_REQUEST for a cursor of another database
   */
  async *follow(request: FollowRequest): AsyncGenerator<readonly RecordedEvent[], void> {
    const { accountId, after, ended } = request
    // Far behind, one reads page by page at one's own pace; only then does the feed begin to queue.
    const caughtUp = after && (yield* this.#replay(after, request))
    const queue = new EventQueue(ended)
    const leave = await this.deps.feed.join(accountId, events => queue.add(events))
    try {
      // What the feed tells from here on has no gap to this; what of it was seen here is not told again.
      const { seen } = caughtUp ? yield* this.#replay(caughtUp, request) : await this.deps.log.now()
      let isBehind = true
      for await (const events of queue) {
        const unseen = isBehind ? seenSince(seen, events) : events
        // The feed never goes back: once it has come as far as this follower, its pages are the follower's own.
        isBehind &&= endsBefore(seen, events)
        if (unseen.length > 0) yield unseen
      }
    } finally {
      leave()
    }
  }

  /** Reads until nothing is left; gives the position behind that. */
  async *#replay(
    from: Position,
    { accountId, ended }: FollowRequest,
  ): AsyncGenerator<readonly RecordedEvent[], Position> {
    let position = from
    for (let more = true; more && !ended.aborted; ) {
      const page = await this.deps.log.read(position, [accountId])
      // Of a database that was set up anew, or made up: of what has not happened nothing is known.
      if ((position.reading?.through ?? position.seen).next > page.now.next) throw noCursor()
      if (!isKept(position, page.horizon)) throw cursorExpired()
      if (page.events.length > 0) yield page.events
      position = page.position
      more = page.more
    }
    return position
  }
}

/** Whether the feed, with these events told, has still not seen all of this. */
function endsBefore(seen: Snapshot, events: readonly RecordedEvent[]): boolean {
  const last = decodePosition(events.at(-1)?.cursor ?? '')
  return !last || last.reading !== undefined || isEarlier(last.seen, seen)
}

/**
 * What of a feed's page is new to who has seen this, with cursors that say so: behind one of the feed's own there would be, once more,
 * what this follower was told ahead of the feed.
 */
function seenSince(seen: Snapshot, events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  return events
    .filter(event => !hasSeen(seen, event.xid))
    .map(event => ({ ...event, cursor: behind(seen, event) }))
}

function behind(seen: Snapshot, { cursor }: RecordedEvent): string {
  const position = decodePosition(cursor)
  return position?.reading ? encodePosition({ ...position, seen }) : cursor
}
