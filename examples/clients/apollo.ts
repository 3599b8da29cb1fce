import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { isSubscriptionOperation, relayStylePagination } from '@apollo/client/utilities'
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs'
import { createClient } from 'graphql-ws'
import { tap } from 'rxjs'
import type { MediaFilter } from './generated/graphql.ts'
import possibleTypes from './generated/possible-types.ts'
import { EVENTS } from './operations.ts'
import { reconnecting, resuming } from './resuming.ts'

/** Lists grow page by page, one for each filter and order; files go as multipart requests, subscriptions over a WebSocket. */
export function apolloClient(url: string, key: string) {
  const authorization = `Bearer ${key}`
  const http = new UploadHttpLink({
    uri: `${url}/graphql`,
    headers: { authorization, 'apollo-require-preflight': 'true' },
  })
  const webSocket = resuming(
    createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization },
      ...reconnecting,
    }),
  )
  return new ApolloClient({
    link: ApolloLink.split(({ query }) => isSubscriptionOperation(query), new GraphQLWsLink(webSocket), http),
    cache: new InMemoryCache({
      ...possibleTypes,
      typePolicies: {
        Query: { fields: { mediaItems: relayStylePagination(['filter', 'orderBy']) } },
      },
    }),
  })
}

/** Shows what happens, wherever it happens: changes reach the cache by themselves, what was deleted leaves it. */
export function follow(client: ApolloClient, variables: { filter?: MediaFilter; after?: string } = {}) {
  return client.subscribe({ query: EVENTS, variables }).pipe(
    tap(({ data }) => {
      if (data?.mediaEvents.type !== 'DELETED') return
      client.cache.evict({ id: client.cache.identify({ __typename: 'Media', id: data.mediaEvents.mediaId }) })
    }),
  )
}
