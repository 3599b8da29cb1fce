import { createClient as createSseClient } from 'graphql-sse'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

export const EVENT = 'id cursor type occurredAt mediaId media { id title }'
export const FOLLOW = `subscription($after: String, $filter: MediaFilter) { mediaEvents(after: $after, filter: $filter) { ${EVENT} } }`

export interface EventSeen {
  readonly id: string
  readonly cursor: string
  readonly type: string
  readonly mediaId: string
  readonly media: { readonly id: string; readonly title: string | null } | null
}

export interface Result {
  readonly data?: { readonly mediaEvents: EventSeen } | null
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[]
}

export interface Following extends AsyncDisposable {
  /** The next event; rejects when there are errors instead. */
  next(): Promise<EventSeen>
  /** The next result, whatever it is; null when the server has completed. */
  result(): Promise<Result | null>
  /** How a connection or a request was refused or closed. */
  readonly failed: Promise<unknown>
  stop(): Promise<void>
}

export interface FollowOptions {
  readonly authorization?: string | null
  readonly after?: string
  readonly filter?: unknown
  readonly query?: string
  readonly headers?: Record<string, string>
}

export type Follow = (url: string, options?: FollowOptions) => Following

type Start = (sink: {
  next: (result: unknown) => void
  error: (error: unknown) => void
  complete: () => void
}) => () => void

function following(start: Start, dispose: () => unknown): Following {
  const results: (Result | null)[] = []
  let wake: () => void = () => undefined
  const failed = Promise.withResolvers<unknown>()
  let failure: unknown
  const add = (result: Result | null) => {
    results.push(result)
    wake()
  }
  const stop = start({
    next: result => add(result as Result),
    error: error => {
      failure = error
      failed.resolve(error)
      wake()
    },
    complete: () => add(null),
  })
  const result = async () => {
    while (results.length === 0) {
      if (failure !== undefined) throw failure
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return results.shift() ?? null
  }
  const end = async () => {
    stop()
    await dispose()
  }
  return {
    result,
    async next() {
      const answer = await result()
      if (!answer?.data || answer.errors) throw new Error(JSON.stringify(answer))
      return answer.data.mediaEvents
    },
    failed: failed.promise,
    stop: end,
    [Symbol.asyncDispose]: end,
  }
}

const payload = ({ query = FOLLOW, after, filter }: FollowOptions) => ({
  query,
  variables: { after, filter },
})

/** With the client of graphql-ws. */
export const followByWebSocket: Follow = (url, options = {}) => {
  const { authorization, headers } = options
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols, { headers })
      }
    },
    connectionParams: authorization == null ? {} : { authorization },
    retryAttempts: 0,
    lazy: true,
    onNonLazyError: () => undefined,
  })
  return following(
    sink => client.subscribe(payload(options), sink),
    () => client.dispose(),
  )
}

/** With the client of graphql-sse. */
export const followBySse: Follow = (url, options = {}) => {
  const { authorization, headers } = options
  const client = createSseClient({
    url: `${url}/graphql/stream`,
    headers: { ...headers, ...(authorization == null ? {} : { authorization }) },
    retryAttempts: 0,
  })
  return following(
    sink => client.subscribe(payload(options), sink),
    () => client.dispose(),
  )
}

export const TRANSPORTS = [
  ['WebSocket', followByWebSocket],
  ['SSE', followBySse],
] as const
