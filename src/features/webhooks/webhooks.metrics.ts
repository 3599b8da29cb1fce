import type { Sql } from '../../platform/db/database.ts'
import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import { keepReading } from '../../platform/metrics-reading.ts'
import type { Outcome } from './sending/sender.ts'

export const webhooksMetrics = {
  webhook_attempt_seconds: {
    type: 'histogram',
    about:
      'Attempts to deliver an event to a webhook by their result: `delivered`, `refused` (another status than 2xx), `gone` (410), `timeout`, `unreachable`, `forbidden` (a place that WEBHOOKS_TO does not allow).',
    advice:
      '`timeout`, `unreachable`: a receiver is away; its deliveries are tried again. `forbidden`: its address is none that WEBHOOKS_TO allows.',
    labels: ['result'],
    buckets: [0.01, 0.05, 0.2, 1, 3, 10],
  },
  webhook_deliveries_waiting: {
    type: 'gauge',
    about:
      'Deliveries to enabled webhooks that have not been taken yet, as the database says; absent while it does not answer.',
    advice:
      'Growing: receivers are slower than events come, or none answers; `webhooks` names the one whose deliveries wait.',
    labels: [],
  },
  webhook_dead_letters: {
    type: 'gauge',
    about: 'Deliveries that are not tried any more unless somebody asks for it, as the database says.',
    advice:
      'More than before: a receiver was away for longer than WEBHOOK_RETRY_SECONDS lasts; `redeliverWebhook` tells it again.',
    labels: [],
  },
  webhook_oldest_waiting_seconds: {
    type: 'gauge',
    about:
      'Age of the oldest event that waits for an enabled webhook, as the database says; 0 when none does.',
    advice: 'Near EVENT_DAYS: events will be gone before they are told.',
    labels: [],
  },
  webhooks_disabled: {
    type: 'gauge',
    about: 'Webhooks that are disabled, by why: `REQUESTED`, `FAILING`, `GONE`; as the database says.',
    advice: '`FAILING`: a receiver took nothing for days; its owner enables it again by `updateWebhook`.',
    labels: ['reason'],
  },
} as const satisfies MetricTable

interface Standing {
  readonly waiting: number
  readonly dead: number
  readonly oldest: number
  readonly disabled: Readonly<Record<string, number>>
}

/** Tells of attempts as they happen, and of what waits as the database says. */
export class WebhooksMetrics {
  readonly #instruments

  constructor(private readonly deps: { readonly metrics: Metrics; readonly database: Sql }) {
    this.#instruments = deps.metrics.define(webhooksMetrics)
    keepReading(deps.metrics, { read: () => this.#readDatabase(), forget: () => this.#forget() })
  }

  readonly attempted = ({ result, milliseconds }: Outcome): void =>
    this.#instruments.webhook_attempt_seconds.observe({ result }, milliseconds / 1000)

  async #readDatabase(): Promise<() => void> {
    const [standing] = await this.deps.database.query<Standing>(
      `SELECT (SELECT count(*)::int FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
               WHERE d.state = 'WAITING' AND w.disabled_at IS NULL) AS waiting,
              (SELECT count(*)::int FROM webhook_delivery WHERE state = 'DEAD') AS dead,
              (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(d.occurred_at)), 0)::float8
               FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
               WHERE d.state = 'WAITING' AND w.disabled_at IS NULL) AS oldest,
              (SELECT coalesce(json_object_agg(reason, n), '{}') FROM (SELECT disabled_reason AS reason, count(*) AS n
               FROM webhook WHERE disabled_at IS NOT NULL GROUP BY disabled_reason) AS first) AS disabled`,
    )
    return () => this.#show(standing as Standing)
  }

  #show({ waiting, dead, oldest, disabled }: Standing): void {
    const gauges = this.#instruments
    gauges.webhook_deliveries_waiting.set(waiting)
    gauges.webhook_dead_letters.set(dead)
    gauges.webhook_oldest_waiting_seconds.set(Math.max(0, oldest))
    for (const [reason, n] of Object.entries(disabled)) gauges.webhooks_disabled.set({ reason }, n)
  }

  #forget(): void {
    const gauges = this.#instruments
    gauges.webhook_deliveries_waiting.remove()
    gauges.webhook_dead_letters.remove()
    gauges.webhook_oldest_waiting_seconds.remove()
    gauges.webhooks_disabled.reset()
  }
}
