import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import type { OperationCosts } from './cost.ts'
import { LIMITS, tooLarge } from './limits.ts'

/** The request header that asks for `extensions.cost` in the answer. */
export const COST_HEADER = 'graphql-cost'
/** An operation that takes longer than this is written to the log with its cost. */
const SLOW_MS = 1_000

/**
 * Refuses what costs too much as soon as its variables are known, before anything is executed, compiled or not; tells the cost
 * in `extensions.cost` to who asks for it, and to the log when the operation was slow.
 */
export function costLimit<C extends { readonly log: Logger }>(costs: OperationCosts): ApolloServerPlugin<C> {
  return {
    async requestDidStart() {
      const began = performance.now()
      let cost: number | undefined
      return {
        async didResolveOperation({ document, operation, request }) {
          // Which operation is meant is for the executor to ask.
          if (!operation) return
          cost = costs.of(document, operation, request.variables)
          if (cost <= LIMITS.cost) return
          const { message, originalError } = tooLarge('cost', cost)
          const extensions: Record<string, unknown> = { http: { status: 400, headers: new HeaderMap() } }
          throw new GraphQLError(message, { nodes: operation, originalError, extensions })
        },
        async willSendResponse({ request, response, contextValue, operation, operationName, queryHash }) {
          const ms = Math.round(performance.now() - began)
          if (ms >= SLOW_MS)
            contextValue.log.warn(
              { operation: operation?.operation, operationName, queryHash, cost, ms },
              'slow operation',
            )
          if (cost === undefined || !request.http?.headers.has(COST_HEADER)) return
          if (response.body.kind !== 'single') return
          const { singleResult } = response.body
          singleResult.extensions = {
            ...singleResult.extensions,
            cost: { requested: cost, limit: LIMITS.cost },
          }
        },
      }
    },
  }
}
