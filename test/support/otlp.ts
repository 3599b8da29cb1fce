import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A span as OTLP/HTTP carries it in JSON, its attributes as plain values. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: number
  readonly facts: Readonly<Record<string, unknown>>
  readonly failed: boolean
}

export interface Collector {
  readonly url: string
  /** Everything that has come so far. */
  readonly spans: readonly ReceivedSpan[]
  /** Attributes of the process that sent them last. */
  readonly resource: Readonly<Record<string, unknown>>
  /** The header fields of the last request. */
  readonly headers: Readonly<Record<string, unknown>>
  /** Resolves with all spans as soon as the condition holds for them. */
  until(condition: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>
  close(): Promise<void>
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

const plain = (attributes: readonly Attribute[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** A collector of traces: OTLP over HTTP, in JSON. */
export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = []
  const waiting = new Set<() => void>()
  const last = { resource: {}, headers: {} }
  const server = createServer(async (request, response) => {
    // biome-ignore lint/suspicious/noExplicitAny: what is read of it is checked by the tests.
    const body = (await json(request)) as any
    last.headers = { ...request.headers, path: request.url }
    for (const { resource, scopeSpans } of body.resourceSpans) {
      last.resource = plain(resource.attributes)
      for (const span of scopeSpans.flatMap((scope: { spans: unknown[] }) => scope.spans))
        spans.push({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId || undefined,
          name: span.name,
          kind: span.kind,
          facts: plain(span.attributes),
          failed: span.status?.code === 2,
        })
    }
    response.setHeader('content-type', 'application/json').end('{}')
    for (const look of waiting) look()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get resource() {
      return last.resource
    },
    get headers() {
      return last.headers
    },
    until: condition =>
      new Promise(resolve => {
        const look = () => {
          if (!condition(spans)) return
          waiting.delete(look)
          resolve(spans)
        }
        waiting.add(look)
        look()
      }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
