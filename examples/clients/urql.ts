import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { createClient } from 'graphql-sse'
import type { DeleteMutation } from './generated/graphql.ts'

/** Lists grow page by page, one for each filter and order; files go as multipart requests, subscriptions over SSE. */
export function urqlClient(url: string, key: string) {
  const headers = { authorization: `Bearer ${key}`, 'apollo-require-preflight': 'true' }
  const events = createClient({ url: `${url}/graphql/stream`, headers })
  return new Client({
    url: `${url}/graphql`,
    fetchOptions: { headers },
    exchanges: [
      cacheExchange({
        resolvers: { Query: { mediaItems: relayPagination() } },
        updates: {
          Mutation: {
            deleteMedia({ deleteMedia }: DeleteMutation, _args, cache) {
              if (deleteMedia.deletedMediaId)
                cache.invalidate({ __typename: 'Media', id: `${deleteMedia.deletedMediaId}` })
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
