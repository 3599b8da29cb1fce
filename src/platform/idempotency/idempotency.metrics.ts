import type { Metrics, MetricTable } from '../metrics.ts'

export const idempotencyMetrics = {
  idempotent_repeats_total: {
    type: 'counter',
    about:
      'Requests whose idempotency key had been used before: `repeated` for the same one, which was answered with what it had made, `conflict` for another one.',
    advice:
      '`repeated` growing: clients lose answers; see what cuts their connections. `conflict`: a client uses one key for several things.',
    labels: ['outcome'],
  },
} as const satisfies MetricTable

export type RepeatObserver = (outcome: 'repeated' | 'conflict') => void

export function observeRepeats(metrics: Metrics): RepeatObserver {
  const { idempotent_repeats_total: repeats } = metrics.define(idempotencyMetrics)
  return outcome => repeats.inc({ outcome })
}
