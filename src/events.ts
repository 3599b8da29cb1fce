import type { Config } from './config.ts'
import { MediaEvents } from './features/events/media-events.service.ts'
import type { Foundation } from './foundation.ts'
import { EventFeed } from './platform/events/event-feed.ts'
import { EventLog } from './platform/events/event-log.ts'
import { EventRetention } from './platform/events/event-retention.ts'
import { EventStream } from './platform/events/event-stream.ts'
import { WakeUps } from './platform/events/wake-ups.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'

/** What subscriptions are fed with. */
export interface EventParts {
  readonly mediaEvents: MediaEvents
  readonly jobs: readonly JobKind[]
  close(): void
}

export function composeEvents(config: Config, { log: logger, database }: Foundation): EventParts {
  const log = new EventLog({ database })
  const feed = new EventFeed({
    log,
    wakeUps: new WakeUps({
      newClient: () => database.newClient(),
      onError: error =>
        logger.warn({ err: error }, 'events are looked for every second, since LISTEN failed'),
    }),
    onError: error => logger.warn({ err: error }, 'events cannot be read at the moment'),
  })
  const retention = new EventRetention({ database, days: config.EVENT_DAYS })
  return {
    mediaEvents: new MediaEvents({ database, stream: new EventStream({ log, feed }) }),
    jobs: [{ name: 'events.prune', cron: '37 * * * *', run: async () => void (await retention.prune()) }],
    close: () => feed.close(),
  }
}
