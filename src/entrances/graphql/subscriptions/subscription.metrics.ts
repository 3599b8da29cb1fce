import type { Metrics, MetricTable } from '../../../platform/metrics.ts'
import type { Subscribers } from './subscribers.ts'

export const subscriptionMetrics = {
  subscriptions: {
    type: 'gauge',
    about: 'Subscriptions that run at this node.',
    advice:
      'What one credential may have is MAX_SUBSCRIPTIONS. A sudden fall: the node was left, or a proxy cuts idle connections.',
    labels: [],
  },
  subscription_connections: {
    type: 'gauge',
    about: 'WebSockets and event streams of those who have signed in.',
    advice: 'Much more than `media_gateway_subscriptions`: clients connect and ask for nothing.',
    labels: [],
  },
} as const satisfies MetricTable

export function tellOfSubscribers(
  metrics: Metrics,
  subscribers: Pick<Subscribers, 'connections' | 'subscriptions'>,
): void {
  const instruments = metrics.define(subscriptionMetrics)
  metrics.beforeReading(async () => {
    instruments.subscriptions.set(subscribers.subscriptions)
    instruments.subscription_connections.set(subscribers.connections)
  })
}
