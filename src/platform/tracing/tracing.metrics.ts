import type { MetricTable } from '../metrics.ts'

export const tracingMetrics = {
  trace_spans_total: {
    type: 'counter',
    about: 'Spans of traces by what became of them: `sent` to the collector, or `lost`.',
    advice:
      'Spans that are lost: see whether the collector answers at OTEL_EXPORTER_OTLP_ENDPOINT. Nothing waits for it.',
    labels: ['outcome'],
  },
} as const satisfies MetricTable
