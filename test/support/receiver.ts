import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { startOrigin } from './origin.ts'

/** One request that a receiver of webhooks was sent. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly raw: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every type.
  readonly body: any
}

/** Answers what it has read; what it does not answer hangs. */
export type Answering = (received: Received, response: ServerResponse) => void

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** How it answers from now on; 204 at first. */
  answer(answering: Answering): void
  /** Resolves with the first of its requests, past ones too, that the test likes. */
  until(likes: (received: Received, all: readonly Received[]) => boolean): Promise<Received>
  close(): void
}

export const takes: Answering = (_, response) => void response.writeHead(204).end()
export const answers =
  (status: number, headers: Record<string, string> = {}): Answering =>
  (_, response) =>
    void response.writeHead(status, headers).end('what a receiver says')

/** A receiver of webhooks on an address of its own. */
export async function startReceiver(host = '127.0.0.1'): Promise<Receiver> {
  const origin = await startOrigin(host)
  const received: Received[] = []
  const waiting = new Set<() => void>()
  let answering = takes
  origin.answer(async (request, response) => {
    const raw = await text(request)
    const one = { path: request.url ?? '', headers: request.headers, raw, body: raw ? JSON.parse(raw) : null }
    received.push(one)
    for (const look of [...waiting]) look()
    answering(one, response)
  })
  return {
    url: origin.url,
    received,
    answer(next) {
      answering = next
    },
    until: likes =>
      new Promise(resolve => {
        const look = () => {
          const found = received.find(one => likes(one, received))
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    close: () => origin.close(),
  }
}
