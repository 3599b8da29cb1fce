import { type GraphQLRequestContext, HeaderMap } from '@apollo/server'
import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import type { OperationCosts } from './cost.ts'
import { LIMITS, tooLarge } from './limits.ts'

/** The request header that asks for `extensions.cost` in the answer. */
export const COST_HEADER = 'graphql-cost'
/** An operation that takes longer than this is written to the log with its cost. */
const SLOW_MS = 1_000

type Request = GraphQLRequestContext<{ readonly log: Logger }>

/** What one request costs. */
export class RequestCost {
  readonly #began = performance.now()
  #cost: number | undefined

  constructor(private readonly costs: OperationCosts) {}

  /** Refuses what costs too much as soon as its variables are known, before anything is executed, compiled or not. */
  check({ document, operation, request }: Request): void {
    // Which operation is meant is for the executor to ask.
    if (!document || !operation) return
    this.#cost = this.costs.of(document, operation, request.variables)
    if (this.#cost <= LIMITS.cost) return
    const { message, originalError } = tooLarge('cost', this.#cost)
    const extensions: Record<string, unknown> = { http: { status: 400, headers: new HeaderMap() } }
    throw new GraphQLError(message, { nodes: operation, originalError, extensions })
  }

  /** Tells the cost in `extensions.cost` to who asks for it, and to the log when the operation was slow. */
  tell({ request, response, contextValue, operation, operationName, queryHash }: Request): void {
    const ms = Math.round(performance.now() - this.#began)
    const cost = this.#cost
    if (ms >= SLOW_MS)
      contextValue.log.warn(
        { operation: operation?.operation, operationName, queryHash, cost, ms },
        'slow operation',
      )
    if (cost === undefined || !request.http?.headers.has(COST_HEADER)) return
    if (response.body?.kind !== 'single') return
    const { singleResult } = response.body
    singleResult.extensions = { ...singleResult.extensions, cost: { requested: cost, limit: LIMITS.cost } }
  }
}
