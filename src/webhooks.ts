import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config.ts'
import type { Viewer } from './features/access/viewer.ts'
import { DeliveryService } from './features/webhooks/deliveries/delivery.service.ts'
import { SettledDeliveries } from './features/webhooks/deliveries/forget.ts'
import { WebhookService } from './features/webhooks/endpoints/webhook.service.ts'
import { Payloads } from './features/webhooks/payload/payloads.ts'
import { schemaRoutes } from './features/webhooks/payload/schema.routes.ts'
import { Claims } from './features/webhooks/sending/claims.ts'
import { Dispatcher } from './features/webhooks/sending/dispatcher.ts'
import { Sender, TIME_LIMIT_MS } from './features/webhooks/sending/sender.ts'
import { Settlement } from './features/webhooks/sending/settlement.ts'
import { Spread } from './features/webhooks/sending/spread.ts'
import { WebhookResolver } from './features/webhooks/webhook.resolver.ts'
import { DELIVERY_PREFIX, WEBHOOK_PREFIX } from './features/webhooks/webhook-ids.ts'
import { WebhookSecrets } from './features/webhooks/webhook-secrets.ts'
import { WebhooksMetrics } from './features/webhooks/webhooks.metrics.ts'
import type { Foundation } from './foundation.ts'
import { EventLog } from './platform/events/event-log.ts'
import type { Outbox } from './platform/events/outbox.ts'
import { WakeUps } from './platform/events/wake-ups.ts'
import type { NodeSource } from './platform/graphql/node.ts'
import type { Idempotency } from './platform/idempotency/idempotency.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import { Outgoing } from './platform/net/outgoing.ts'

export interface WebhookParts {
  readonly config: Config
  readonly foundation: Foundation
  readonly outbox: Outbox
  readonly idempotency: Idempotency
}

/** What sends webhooks, beside the jobs: it runs for as long as the process does. */
export interface WebhookSending {
  start(): void
  /** Waits for attempts that are under way. */
  stop(): Promise<void>
}

export interface Webhooks {
  readonly sending: WebhookSending
  readonly resolvers: readonly object[]
  readonly nodes: readonly NodeSource<Viewer>[]
  readonly routes: readonly FastifyPluginAsync[]
  readonly jobs: readonly JobKind[]
}

/** Webhooks, put together: who is told of what, and who sends it. */
export function composeWebhooks({ config, foundation, outbox, idempotency }: WebhookParts): Webhooks {
  const { database, log, clock, metrics, newId, pepper } = foundation
  const places = config.WEBHOOKS_TO
  const outgoing =
    places &&
    new Outgoing({ places, silenceMs: TIME_LIMIT_MS, userAgent: 'media-gateway', plainHttp: 'listed' })
  const secrets = new WebhookSecrets({ pepper })
  const told = new WebhooksMetrics({ metrics, database })
  const dispatcher =
    outgoing &&
    new Dispatcher({
      database,
      wakeUps: new WakeUps({
        newClient: () => database.newClient(),
        onError: error =>
          log.warn({ err: error }, 'webhooks are looked for every second, since LISTEN failed'),
      }),
      spread: new Spread({ database, newId }),
      claims: new Claims({ database }),
      payloads: new Payloads({ database }),
      secrets,
      sender: new Sender({ outgoing, clock }),
      settlement: new Settlement({
        database,
        outbox,
        rules: { pauses: config.WEBHOOK_RETRY_SECONDS, random: Math.random },
        onDisabled: (webhook, reason) => log.warn({ webhook, reason }, 'a webhook was disabled'),
      }),
      observe: told.attempted,
      onError: error => log.warn({ err: error }, 'webhooks cannot be sent at the moment'),
    })
  const look = () => dispatcher?.look()
  const webhooks = new WebhookService({
    database,
    log: new EventLog({ database }),
    idempotency,
    secrets,
    places: outgoing,
    newId,
    look,
  })
  const deliveries = new DeliveryService({ database, idempotency, newId, look })
  const settled = new SettledDeliveries({ database, days: config.EVENT_DAYS })
  return {
    sending: {
      start: () => dispatcher?.start(),
      stop: async () => dispatcher?.stop(),
    },
    resolvers: [new WebhookResolver({ webhooks, deliveries })],
    nodes: [
      {
        typeName: 'Webhook',
        prefix: WEBHOOK_PREFIX,
        getMany: (viewer, ids) => webhooks.getMany(viewer, ids),
      },
      {
        typeName: 'WebhookDelivery',
        prefix: DELIVERY_PREFIX,
        getMany: (viewer, ids) => deliveries.getMany(viewer, ids),
      },
    ],
    routes: [schemaRoutes],
    jobs: [{ name: 'webhooks.forget', cron: '29 * * * *', run: () => settled.forget() }],
  }
}
