import { once } from 'node:events'
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

export interface Call {
  readonly url: string
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Buffer | Readable
  readonly agent?: Agent
}

/** Sends one request; rejects unless it is answered with 2xx. The caller reads the body. */
export async function open({ url, method = 'GET', headers, body, agent }: Call): Promise<IncomingMessage> {
  const outgoing = request(url, { method, headers, agent })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  const sent = body === undefined || Buffer.isBuffer(body) ? outgoing.end(body) : pipeline(body, outgoing)
  const [[answer]] = await Promise.all([answered, sent])
  if (answer.statusCode && answer.statusCode >= 200 && answer.statusCode < 300) return answer
  throw new Error(`${method} ${url}: ${answer.statusCode} ${(await buffer(answer)).toString()}`)
}

export const read = async (call: Call): Promise<Buffer> => buffer(await open(call))

export interface Load {
  readonly call: Omit<Call, 'agent'>
  readonly requests: number
  readonly connections: number
  /** What every answer must be, to the byte. */
  readonly expected: Buffer
}

/** Closed loop: each connection sends its next request when it has read the answer to the one before. */
export async function runLoad({ call, requests, connections, expected }: Load): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let left = requests
  const connection = async () => {
    while (left-- > 0) {
      const answer = await read({ ...call, agent })
      if (!answer.equals(expected))
        throw new Error(`${call.url} answered something else: ${answer.toString()}`)
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  agent.destroy()
}
