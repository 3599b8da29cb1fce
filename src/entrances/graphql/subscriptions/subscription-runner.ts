import {
  createSourceEventStream,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
} from 'graphql'
import { actorOf } from '../../../features/access/actor-of.ts'
import type { MediaEventsContext } from '../../../features/events/media-events.resolver.ts'
import type { OnRefused } from '../../../platform/audit/attempt.ts'
import { AppError } from '../../../platform/errors.ts'
import { currentSpan, type Tracer, untraced, within } from '../../../platform/tracing/trace.ts'
import { namedOperation, type OperationNote, unknownOperation } from '../../http/access-log.ts'
import { publicError } from '../../http/render-error.ts'
import type { GraphQLContext, RequestLoaders } from '../apollo.ts'
import { formatGraphQLError, thrown } from '../graphql-errors.ts'
import { type OperationObserver, observed, outcomeOf } from '../observed-operation.ts'
import type { Subscriber } from './subscribers.ts'
import {
  coded,
  InvalidRequest,
  type ReadSubscription,
  readSubscription,
  type SubscriptionParams,
  type SubscriptionRules,
} from './subscription-request.ts'

export interface SubscriptionRunnerDeps extends SubscriptionRules {
  readonly mediaEvents: MediaEventsContext['mediaEvents']
  readonly onRefused: OnRefused
  /** The loaders of one request. */
  readonly contextOf: () => RequestLoaders
  readonly tracer: Tracer
  readonly onOperation: OperationObserver
}

/** Ended by `return`, also while a result is awaited. Its last result tells why it ends, if there is a reason. */
export type Results = AsyncGenerator<FormattedExecutionResult, void>

/** Either what is wrong with the request, or its results. */
export type Started = { readonly errors: readonly GraphQLFormattedError[] } | { readonly results: Results }

type Context = GraphQLContext & MediaEventsContext

/** Runs subscriptions, whatever they came over: by the rules of queries, and with the same errors. */
export class SubscriptionRunner {
  constructor(private readonly deps: SubscriptionRunnerDeps) {}

  /** `operation` is told what it turns out to be. */
  async start(
    params: SubscriptionParams,
    subscriber: Subscriber,
    operation: OperationNote = unknownOperation(),
  ): Promise<Started> {
    // Over a WebSocket nothing has begun a trace yet.
    const span = currentSpan() ? undefined : this.deps.tracer.begin('subscribe', { kind: 'server' })
    const start = () => this.#start(params, subscriber, operation)
    try {
      return await within(span, () => observed(operation, this.deps.onOperation, start))
    } finally {
      span?.end()
    }
  }

  async #start(
    params: SubscriptionParams,
    subscriber: Subscriber,
    operation: OperationNote,
  ): Promise<Started> {
    const running = new AbortController()
    const ended = AbortSignal.any([subscriber.ended, running.signal])
    try {
      const request = readSubscription(params, this.deps)
      Object.assign(operation, namedOperation(getOperationAST(request.document, request.operationName)))
      subscriber.count(ended)
      const source = await this.#source(request, this.#context(subscriber, ended))
      const results = this.#results(source, request, () => this.#context(subscriber, ended))
      return { results: endedBy(running, told(results, subscriber)) }
    } catch (error) {
      running.abort()
      this.#tell(error, subscriber)
      operation.outcome = error instanceof InvalidRequest ? 'refused' : outcomeOf(thrown(error))
      return { errors: formatted(error, subscriber) }
    }
  }

  #tell(error: unknown, { viewer, requestId }: Subscriber): void {
    const causes = error instanceof InvalidRequest ? error.errors.map(thrown) : [thrown(error)]
    for (const cause of causes)
      if (cause instanceof AppError)
        this.deps.onRefused({
          actor: actorOf(viewer, requestId),
          action: 'subscription',
          subjectId: null,
          error: cause,
        })
  }

  async #source(
    request: ReadSubscription,
    contextValue: Context,
  ): Promise<AsyncIterable<readonly unknown[]>> {
    const source = await createSourceEventStream({ schema: this.deps.check.schema, ...request, contextValue })
    if (Symbol.asyncIterator in source) return source as AsyncIterable<readonly unknown[]>
    // What graphql-js itself says is about the variables.
    const errors = source.errors ?? []
    throw new InvalidRequest(
      errors.map(error => (thrown(error) instanceof GraphQLError ? coded(error, 'BAD_USER_INPUT') : error)),
    )
  }

  /** Events that come together are executed together, with loaders of their own: what these look up is one query. */
  async *#results(
    source: AsyncIterable<readonly unknown[]>,
    request: ReadSubscription,
    newContext: () => Context,
  ): AsyncGenerator<ExecutionResult, void> {
    for await (const events of source) {
      const contextValue = newContext()
      const { schema } = this.deps.check
      yield* await Promise.all(
        // A stream may last for days: what comes of its events is no part of the request that asked for them.
        events.map(rootValue => untraced(() => execute({ schema, ...request, rootValue, contextValue }))),
      )
    }
  }

  /** A new one each time: what a loader has seen may be different when the next event comes. */
  #context(subscriber: Subscriber, ended: AbortSignal): Context {
    const { contextOf, mediaEvents } = this.deps
    const { viewer, log } = subscriber
    const context = { ...contextOf(), viewer, log, ended, mediaEvents }
    return Object.defineProperty(context, 'viewer', { get: () => subscriber.viewer })
  }
}

/** Results as clients see them; what ends them against the client's will is the last one. */
async function* told(results: AsyncIterable<ExecutionResult>, subscriber: Subscriber): Results {
  try {
    for await (const { errors, ...result } of results)
      yield errors ? { ...result, errors: errors.flatMap(error => formatted(error, subscriber)) } : result
  } catch (error) {
    yield { errors: formatted(error, subscriber) }
  }
  const reason: unknown = subscriber.ended.reason
  if (reason instanceof Error && !(reason instanceof DOMException))
    yield { errors: formatted(reason, subscriber) }
}

function formatted(error: unknown, { log }: Subscriber): GraphQLFormattedError[] {
  if (error instanceof InvalidRequest)
    return error.errors.map(each => formatGraphQLError(each.toJSON(), each))
  const cause = thrown(error)
  if (publicError(cause).status >= 500) log.error({ err: cause }, 'a subscription failed')
  return [formatGraphQLError(error instanceof GraphQLError ? error.toJSON() : { message: '' }, error)]
}

/** A generator that waits for its next event hears of no `return`: the signal wakes it. */
function endedBy(running: AbortController, results: Results): Results {
  const end = async (value: undefined) => {
    running.abort()
    return results.return(value)
  }
  return {
    async next() {
      const result = await results.next()
      if (result.done) running.abort()
      return result
    },
    return: () => end(undefined),
    throw: () => end(undefined),
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => void (await end(undefined)),
  }
}
