import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Metrics } from './platform/metrics.ts'
import { noTracer, type Tracer } from './platform/tracing/trace.ts'
import { tracingMetrics } from './platform/tracing/tracing.metrics.ts'

/** A collector that is away for hours is told of once in this time. */
const TELL_EVERY_MS = 60_000

export interface TracingParts {
  readonly config: Config
  readonly metrics: Metrics
  readonly log: Logger
}

/** The tracer that the configuration asks for. OpenTelemetry is loaded for one that sends something, and otherwise not at all. */
export async function openTracing({ config, metrics, log }: TracingParts): Promise<Tracer> {
  const { trace_spans_total: spans } = metrics.define(tracingMetrics)
  const base = config.OTEL_EXPORTER_OTLP_ENDPOINT
  const url = config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base}/v1/traces`)
  if (!url || config.OTEL_SDK_DISABLED) return noTracer
  const { openTracer } = await import('./platform/tracing/open-tracer.ts')
  let told = Number.NEGATIVE_INFINITY
  return openTracer({
    url,
    headers: config.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName:
      config.OTEL_SERVICE_NAME ?? config.OTEL_RESOURCE_ATTRIBUTES['service.name'] ?? 'media-gateway',
    resource: config.OTEL_RESOURCE_ATTRIBUTES,
    sampler: config.OTEL_TRACES_SAMPLER,
    ratio: config.OTEL_TRACES_SAMPLER_ARG,
    delayMs: config.OTEL_BSP_SCHEDULE_DELAY,
    onSent(count, failure) {
      spans.inc({ outcome: failure ? 'lost' : 'sent' }, count)
      if (!failure || performance.now() - told < TELL_EVERY_MS) return
      told = performance.now()
      log.warn({ reason: failure.message, spans: count }, 'traces could not be sent and are lost')
    },
  })
}
