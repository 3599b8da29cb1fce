import { randomUUID } from 'node:crypto'
import type { Context, SpanContext, Span as TheirSpan, Tracer as TheirTracer } from '@opentelemetry/api'
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace'
import { AppError } from '../errors.ts'
import { inTime } from '../lib/in-time.ts'
import type { Span, SpanKind, SpanOptions, Tracer } from './trace.ts'
import type { SamplerName } from './tracing.config.ts'

export interface TracingOptions {
  /** Where spans are sent: OTLP over HTTP, in JSON. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  readonly resource: Readonly<Record<string, string>>
  readonly sampler: SamplerName
  /** Of 1, for samplers that take a part. */
  readonly ratio: number
  /** Milliseconds that a span waits for others. */
  readonly delayMs: number
  /** Told of every batch: how many spans, and why they were lost, if they were. */
  readonly onSent: (spans: number, failure: Error | null) => void
}

/** No exit waits longer for a collector. */
const CLOSE_MS = 5_000
/** Statements are cut to this length. */
const LONGEST_FACT = 4_096

/** Loads OpenTelemetry's SDK and begins to trace. It is loaded here alone, and nothing of it is made global. */
export async function openTracer(options: TracingOptions): Promise<Tracer> {
  const [api, sdk, { OTLPTraceExporter }, { defaultResource, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const { url, headers, serviceName, resource, delayMs: scheduledDelayMillis } = options
  const exporter = observed(new OTLPTraceExporter({ url, headers: { ...headers } }), options.onSent)
  const provider = new sdk.TracerProvider({
    sampler: samplerOf(sdk, options),
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.instance.id': randomUUID(),
        ...resource,
        'service.name': serviceName,
      }),
    ),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, scheduledDelayMillis })],
    spanLimits: { attributeValueLengthLimit: LONGEST_FACT },
  })
  const make = { api, tracer: provider.getTracer('media-gateway') }
  return {
    begin(name, { traceparent, ...rest } = {}) {
      const remote = parseTraceparent(traceparent)
      const parent = remote ? api.trace.setSpanContext(api.ROOT_CONTEXT, remote) : api.ROOT_CONTEXT
      return new OpenSpan(make, parent, { name, ...rest })
    },
    close: () => inTime(provider.shutdown(), CLOSE_MS).catch(() => undefined),
  }
}

interface Make {
  readonly api: typeof import('@opentelemetry/api')
  readonly tracer: TheirTracer
}

const KINDS = { internal: 0, server: 1, client: 2, consumer: 4 } as const satisfies Record<SpanKind, number>

class OpenSpan implements Span {
  readonly #make: Make
  readonly #context: Context
  readonly #span: TheirSpan

  constructor(
    make: Make,
    parent: Context,
    { name, kind = 'internal', facts = {} }: SpanOptions & { name: string },
  ) {
    this.#make = make
    this.#span = make.tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...facts } }, parent)
    this.#context = make.api.trace.setSpan(parent, this.#span)
  }

  get traceId(): string {
    return this.#span.spanContext().traceId
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext()
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
  }

  begin(name: string, options: SpanOptions = {}): Span {
    return new OpenSpan(this.#make, this.#context, { name, ...options })
  }

  tell(facts: SpanOptions['facts']): void {
    this.#span.setAttributes({ ...facts })
  }

  rename(name: string): void {
    this.#span.updateName(name)
  }

  end(failure?: unknown): void {
    if (failure !== undefined) {
      this.#span.setAttribute('error.type', failureType(failure))
      this.#span.setStatus({ code: this.#make.api.SpanStatusCode.ERROR })
    }
    this.#span.end()
  }
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:$|-)/

/** What a `traceparent` names; undefined for one that is none (W3C Trace Context, 3.2 and 4.2). */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  const [whole, traceId, spanId, flags] = (typeof text === 'string' && TRACEPARENT.exec(text)) || []
  if (!whole || !traceId || !spanId || !flags) return undefined
  // Of version 00 nothing may follow; what later versions add is not known.
  if (whole.startsWith('00') && text !== whole) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
}

function samplerOf(
  sdk: typeof import('@opentelemetry/sdk-trace'),
  { sampler, ratio }: Pick<TracingOptions, 'sampler' | 'ratio'>,
): Sampler {
  const roots = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(ratio),
  }
  const root = roots[sampler.replace('parentbased_', '') as keyof typeof roots]()
  return sampler.startsWith('parentbased_') ? new sdk.ParentBasedSampler({ root }) : root
}

function observed(exporter: SpanExporter, onSent: TracingOptions['onSent']): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, result => {
        onSent(spans.length, result.code === 0 ? null : (result.error ?? new Error('spans were not taken')))
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}

/** What may be told of any failure; a number is the status of an answer. */
function failureType(failure: unknown): string {
  if (failure instanceof AppError) return failure.code
  if (typeof failure === 'number') return String(failure)
  return failure instanceof Error ? failure.constructor.name : typeof failure
}
