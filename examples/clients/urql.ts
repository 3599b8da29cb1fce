import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { type Cache, cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { createClient } from 'graphql-sse'
import type { DeleteMutation, EventsSubscription } from './generated/graphql.ts'
import { reconnecting, resuming } from './resuming.ts'

/** Lists grow page by page, one for each filter and order; files go as multipart requests, subscriptions over SSE. */
export function urqlClient(url: string, key: string) {
  const headers = { authorization: `Bearer ${key}`, 'apollo-require-preflight': 'true' }
  const events = resuming(createClient({ url: `${url}/graphql/stream`, headers, ...reconnecting }))
  return new Client({
    url: `${url}/graphql`,
    fetchOptions: { headers },
    exchanges: [
      cacheExchange({
        resolvers: { Query: { mediaItems: relayPagination() } },
        updates: {
          Mutation: {
            deleteMedia: ({ deleteMedia }: DeleteMutation, _, cache) =>
              forget(cache, deleteMedia.deletedMediaId),
          },
          Subscription: {
            mediaEvents: ({ mediaEvents }: EventsSubscription, _, cache) => {
              if (mediaEvents.type === 'DELETED') forget(cache, mediaEvents.mediaId)
            },
          },
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: sink => ({ unsubscribe: events.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  })
}

function forget(cache: Cache, id: string | null): void {
  if (id) cache.invalidate({ __typename: 'Media', id })
}
