import type { Client } from 'graphql-ws'

/** Options of either: a connection is made anew as often as it takes; with graphql-ws also when it breaks rather than closes. */
export const reconnecting = { shouldRetry: () => true, retryAttempts: Number.POSITIVE_INFINITY }

/** What clients of graphql-ws and graphql-sse have in common. */
type Subscribing = Pick<Client, 'subscribe'>

/**
 * The same client, whose subscriptions go on behind the last event that came when their connection is made anew: none is missed,
 * none comes twice. For operations with the variable `after`, which give `mediaEvents { cursor }`.
 */
export function resuming<Transport extends Subscribing>(client: Transport): Transport {
  const subscribe: Subscribing['subscribe'] = (payload, sink) => {
    let after = payload.variables?.after
    // Read anew for each connection, when the request is written.
    const variables = {
      ...payload.variables,
      get after() {
        return after
      },
    }
    return client.subscribe<{ mediaEvents?: { cursor?: string } }>(
      { ...payload, variables },
      {
        next(result) {
          after = result.data?.mediaEvents?.cursor ?? after
          sink.next(result as never)
        },
        error: error => sink.error(error),
        complete: () => sink.complete(),
      },
    )
  }
  return { ...client, subscribe }
}
