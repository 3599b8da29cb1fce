import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * What is told of a span: numbers, words of ours, SQL with `$1`. Never what a user has sent, a value of a statement, the name of a file
 * or a secret: traces go to another system, and are read by other people.
 */
export type SpanFacts = Readonly<Record<string, string | number | boolean | undefined>>

/** `server` and `consumer` begin what somebody has asked for, `client` waits for somebody else. */
export type SpanKind = 'server' | 'consumer' | 'client' | 'internal'

export interface SpanOptions {
  /** `internal` without it. */
  readonly kind?: SpanKind
  readonly facts?: SpanFacts
}

/** A part of a trace that has begun. What is not sampled has spans as well, which tell nobody. */
export interface Span {
  /** Names it to who goes on with the trace elsewhere (W3C Trace Context, 3.2). */
  readonly traceparent: string
  readonly traceId: string
  begin(name: string, options?: SpanOptions): Span
  tell(facts: SpanFacts): void
  rename(name: string): void
  /** Of a failure its code or class is told, never its text. */
  end(failure?: unknown): void
}

export interface Tracer {
  /** A new trace, or the next part of the one that `traceparent` names; undefined where nothing is traced. */
  begin(name: string, options?: SpanOptions & { readonly traceparent?: unknown }): Span | undefined
  /** Hands over what is not yet, for some seconds at the most. */
  close(): Promise<void>
}

export const noTracer: Tracer = { begin: () => undefined, close: async () => undefined }

const current = new AsyncLocalStorage<Span | undefined>()

/** The span that the running code is within, if any: it is found as a `Deadline` is, so that no service is handed one. */
export const currentSpan = (): Span | undefined => current.getStore()

/** Does the work as a part of the span. */
export const within = <T>(span: Span | undefined, work: () => T): T =>
  span ? current.run(span, work) : work()

/** The function as a part of the span that is running now, whatever calls it later: a callback of what another request has opened. */
export const alsoWithin = <A extends readonly unknown[], R>(work: (...args: A) => R): ((...args: A) => R) => {
  const span = current.getStore()
  return span ? (...args) => current.run(span, () => work(...args)) : work
}

/** Starts what goes on after the request that happened to start it, and is no part of its trace. */
export const untraced = <T>(work: () => T): T => (current.getStore() ? current.run(undefined, work) : work())

/** Does the work in a span of its own, if it is a part of a trace; `tell` adds what shows on the way. */
export function spanned<T>(
  name: string,
  options: SpanOptions,
  work: (tell: Span['tell']) => Promise<T>,
): Promise<T> {
  const span = current.getStore()?.begin(name, options)
  return span ? ended(span, work) : work(untold)
}

async function ended<T>(span: Span, work: (tell: Span['tell']) => Promise<T>): Promise<T> {
  try {
    const result = await current.run(span, () => work(facts => span.tell(facts)))
    span.end()
    return result
  } catch (error) {
    span.end(error)
    throw error
  }
}

const untold = () => undefined
