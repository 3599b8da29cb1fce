import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { RequestPolicy, WebResource } from '@azure/storage-blob'
import { told } from './azure-errors.ts'

/** What a request may take until its answer begins, with all tries of it: this long, and longer by its bytes. */
const REQUEST_MS = 60_000
const LEAST_BYTES_PER_MS = 64
/** The store copies before it answers. */
const COPY_MS = 10 * 60_000
const CONNECT_MS = 5000
/** Every download holds a socket for as long as its reader takes. */
const MOST_SOCKETS = 2048

/** The sockets to one account, with a limit to their number, to the time a connection takes, and to that of each answer. */
export class AzureTransport {
  readonly #agent: HttpAgent

  constructor(endpoint: string) {
    const options = { keepAlive: true, maxSockets: MOST_SOCKETS }
    this.#agent = impatient(endpoint.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options))
  }

  /** What the SDK makes of each client's requests before it tries them. */
  create(next: RequestPolicy): RequestPolicy {
    return {
      sendRequest: async request => {
        const patience = patienceFor(request)
        const lost = new AbortController()
        // Not the SDK's own timeout: of a request that fails it leaves the timer running, which holds the process.
        const timer = setTimeout(() => lost.abort(), patience)
        const signals = [
          lost.signal,
          ...(request.abortSignal instanceof AbortSignal ? [request.abortSignal] : []),
        ]
        Object.assign(request, { agent: this.#agent, abortSignal: AbortSignal.any(signals) })
        try {
          return await next.sendRequest(request)
        } catch (error) {
          throw lost.signal.aborted
            ? timedOut(`no answer from the store within ${patience} ms`, error)
            : told(error)
        } finally {
          clearTimeout(timer)
        }
      },
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

function patienceFor({ body, headers }: WebResource): number {
  if (headers.contains('x-ms-copy-source')) return COPY_MS
  return REQUEST_MS + (body instanceof Uint8Array ? Math.ceil(body.byteLength / LEAST_BYTES_PER_MS) : 0)
}

function timedOut(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'ETIMEDOUT' })
}

function impatient(agent: HttpAgent): HttpAgent {
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback)
    const timer = setTimeout(() => {
      socket?.destroy(timedOut(`no connection to the store within ${CONNECT_MS} ms`))
    }, CONNECT_MS)
    const clear = () => clearTimeout(timer)
    socket?.once('connect', clear).once('close', clear)
    return socket
  }
  return agent
}
