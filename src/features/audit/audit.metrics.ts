import type { MetricTable } from '../../platform/metrics.ts'

export const auditMetrics = {
  audit_refusals_total: {
    type: 'counter',
    about:
      'Refused attempts by what became of their record: `recorded`, or `lost` since too many waited or the database could not take them.',
    advice:
      '`lost`: somebody floods the gateway with what it refuses, or the database is behind; the access log names who.',
    labels: ['outcome'],
  },
  audit_unsealed_rows: {
    type: 'gauge',
    about:
      'Rows of the audit log that the sealer has not come to; more than some minutes make says that it does not run.',
    advice: 'Growing: the job `audit.seal` does not run, or fails; what is not sealed is not protected yet.',
    labels: [],
  },
  audit_seal_failures_total: {
    type: 'counter',
    about:
      'Chains that could not be sealed, and checkpoints that could not be written, at one run of the sealer.',
    advice:
      '`checkpoint`: a store does not take its object; a cut tail of the log would not show. The log has why.',
    labels: ['step'],
  },
} as const satisfies MetricTable
