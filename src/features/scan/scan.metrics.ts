import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import type { Verdict } from './clamd-reply.ts'

export const scanMetrics = {
  scan_seconds: {
    type: 'histogram',
    about:
      'Malware scans by their result: `clean`, `infected`, `error` for what the scanner does not take or cannot scan, `unavailable` for no verdict at all.',
    advice:
      '`unavailable`: clamd does not answer; what SCAN_POLICY holds back waits for it. `infected`: the log names media, content version and what was found.',
    labels: ['result'],
    buckets: [0.01, 0.05, 0.2, 1, 5, 20, 60, 300],
  },
} as const satisfies MetricTable

export type ScanObserver = (result: Verdict['result'] | 'unavailable', seconds: number) => void

export function observeScans(metrics: Metrics): ScanObserver {
  const { scan_seconds: scans } = metrics.define(scanMetrics)
  return (result, seconds) => scans.observe({ result }, seconds)
}
