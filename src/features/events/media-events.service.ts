import type { Sql } from '../../platform/db/database.ts'
import type { RecordedEvent } from '../../platform/events/event-log.ts'
import { type EventStream, positionOf } from '../../platform/events/event-stream.ts'
import { authorize, can, type MediaFacts } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaFilter } from '../media/media.filter.ts'
import type { MediaRow } from '../media/media.row.ts'
import { checkEventFilter } from './event-filter.ts'
import { EventSubjects } from './event-subjects.ts'
import type { MediaEvent } from './media-event.type.ts'
import { mediaEventType } from './media-event-type.ts'

export interface MediaEventsRequest {
  /** Asked for each event: what a credential may is not what it could when it subscribed. */
  readonly viewer: () => Viewer
  readonly filter?: MediaFilter | null
  /** Cursor of an event. */
  readonly after?: string | null
  readonly ended: AbortSignal
}

/** Events that are executed and sent together. */
const TOGETHER = 50

/** What happens to the media of an account, for those who may see them. */
export class MediaEvents {
  readonly #subjects: EventSubjects

  constructor(
    private readonly deps: {
      readonly database: Sql
      readonly stream: Pick<EventStream, 'follow' | 'cursor'>
    },
  ) {
    this.#subjects = new EventSubjects(deps)
  }

  /**
   * A cursor for `after`, behind all that has happened: for who wants to miss nothing although no event has come yet.
   *
   * @throws UNAUTHENTICATED, FORBIDDEN
   */
  async cursor(viewer: Viewer): Promise<string> {
    authorize(viewer, 'list')
    return this.deps.stream.cursor()
  }

  /**
   * Events in their order, some at a time. Each is judged when it is delivered: by the policy, and by the filter.
   *
   * @throws UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT, BAD_REQUEST at once; what `EventStream.follow` throws, later
   */
  subscribe({
    viewer,
    filter,
    after,
    ended,
  }: MediaEventsRequest): AsyncGenerator<readonly MediaEvent[], void> {
    const { accountId } = authorize(viewer(), 'list')
    const wanted = filter ?? null
    // What is wrong with a filter is said at once, not when something happens.
    if (wanted) checkEventFilter(wanted)
    const request = { accountId, after: after == null ? null : positionOf(after), ended }
    return this.#deliver(this.deps.stream.follow(request), viewer, wanted)
  }

  async *#deliver(
    batches: AsyncIterable<readonly RecordedEvent[]>,
    viewer: () => Viewer,
    filter: MediaFilter | null,
  ): AsyncGenerator<readonly MediaEvent[], void> {
    for await (const batch of batches) {
      for (let from = 0; from < batch.length; from += TOGETHER) {
        const subjects = await this.#subjects.of(batch, from, TOGETHER)
        const matching = filter && (await subjects.matching(filter, authorize(viewer(), 'list')))
        const told = batch
          .slice(from, from + TOGETHER)
          .flatMap(event =>
            tell(event, { row: subjects.rows.get(event.mediaId ?? ''), viewer: viewer(), matching }),
          )
        if (told.length > 0) yield told
      }
    }
  }
}

interface Judging {
  /** As it is now; a deleted one as it was; undefined when it is gone for good. */
  readonly row: MediaRow | undefined
  readonly viewer: Viewer
  readonly matching: ReadonlySet<string> | null
}

/** Nothing, for who may not see the media, or does not want to. */
function tell(event: RecordedEvent, { row, viewer, matching }: Judging): MediaEvent[] {
  const { id, cursor, occurredAt, mediaId } = event
  const type = mediaEventType(event.type)
  if (!type || mediaId === null) return []
  if (!can(viewer, 'read', (row as MediaFacts | undefined) ?? factsOf(event, mediaId))) return []
  // Of what is gone nobody can say whether it matched: who has it in a list must hear that it is gone.
  if (row && matching && !matching.has(mediaId)) return []
  return [{ id, cursor, type, occurredAt, mediaId, media: row?.deletedAt == null ? (row ?? null) : null }]
}

/** Of a media that is gone for good what its event has kept; without that it is nobody's in particular. */
function factsOf({ accountId, payload }: RecordedEvent, id: string): MediaFacts {
  const { ownerId, groupIds } = payload as { ownerId?: string | null; groupIds?: string[] }
  return { id, accountId, ownerId: ownerId ?? null, groupIds: groupIds ?? [], public: false, openHolds: 0 }
}
