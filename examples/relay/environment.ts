import { createClient } from 'graphql-ws'
import {
  Environment,
  type FetchFunction,
  type GraphQLResponse,
  Network,
  Observable,
  type SubscribeFunction,
} from 'relay-runtime'
import { reconnecting, resuming } from '../clients/resuming.ts'

/** Files go as multipart requests: `uploadables` are files by their path in the variables. Subscriptions go over a WebSocket. */
export function relayEnvironment(url: string, key: string) {
  const authorization = `Bearer ${key}`
  const webSocket = resuming(
    createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization },
      ...reconnecting,
    }),
  )
  const send: FetchFunction = async ({ text: query }, variables, _cacheConfig, uploadables) => {
    const operation = JSON.stringify({ query, variables })
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        authorization,
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...(uploadables ? { 'apollo-require-preflight': 'true' } : { 'content-type': 'application/json' }),
      },
      body: uploadables ? multipart(operation, uploadables) : operation,
    })
    return (await response.json()) as GraphQLResponse
  }
  const subscribe: SubscribeFunction = ({ name, text }, variables) =>
    Observable.create(sink =>
      webSocket.subscribe({ operationName: name, query: text ?? '', variables }, sink as never),
    )
  return new Environment({ network: Network.create(send, subscribe) })
}

/** A request of the GraphQL multipart request specification. */
function multipart(operations: string, files: Record<string, File | Blob>): FormData {
  const form = new FormData()
  form.set('operations', operations)
  form.set(
    'map',
    JSON.stringify(Object.fromEntries(Object.keys(files).map(path => [path, [`variables.${path}`]]))),
  )
  for (const [path, file] of Object.entries(files)) form.set(path, file)
  return form
}
