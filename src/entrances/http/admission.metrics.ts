import type { Metrics, MetricTable } from '../../platform/metrics.ts'

export const admissionMetrics = {
  rate_limited_total: {
    type: 'counter',
    about:
      'Requests that were refused by RATE_LIMIT: too many of one credential (`key`), of one address without one (`address`), or after too many failed logins (`login`).',
    advice:
      '`key`: a client sends more than it may; the access log names it. `address` or `login`: somebody guesses, or a client has a wrong secret.',
    labels: ['policy'],
  },
  failed_logins_total: {
    type: 'counter',
    about: 'Credentials that did not hold, looked at and found wrong.',
    advice:
      'A jump: a secret was rotated and a client still has the old one, or somebody guesses; the access log has the addresses.',
    labels: [],
  },
} as const satisfies MetricTable

export interface AdmissionObserver {
  refused(policy: 'key' | 'address' | 'login'): void
  loginFailed(): void
}

export function observeAdmission(metrics: Metrics): AdmissionObserver {
  const { rate_limited_total: refused, failed_logins_total: failed } = metrics.define(admissionMetrics)
  // They are told as 0 before the first one, so that a rate can be taken of it.
  for (const policy of ['key', 'address', 'login']) refused.inc({ policy }, 0)
  return { refused: policy => refused.inc({ policy }), loginFailed: () => failed.inc() }
}
