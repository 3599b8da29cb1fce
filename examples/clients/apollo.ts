import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { isSubscriptionOperation, relayStylePagination } from '@apollo/client/utilities'
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs'
import { createClient } from 'graphql-ws'
import possibleTypes from './generated/possible-types.ts'

/** Lists grow page by page, one for each filter and order; files go as multipart requests, subscriptions over a WebSocket. */
export function apolloClient(url: string, key: string) {
  const authorization = `Bearer ${key}`
  const http = new UploadHttpLink({
    uri: `${url}/graphql`,
    headers: { authorization, 'apollo-require-preflight': 'true' },
  })
  const webSocket = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    connectionParams: { authorization },
  })
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
