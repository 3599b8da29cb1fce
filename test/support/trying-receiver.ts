import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Random } from '../faults/random.ts'

/** How often, out of a thousand requests, a receiver does what makes life hard for who sends. */
export interface Moods {
  readonly fails: number
  readonly stalls: number
  readonly late: number
  readonly cuts: number
}

export interface TryingReceiverOptions {
  readonly moods: Moods
  readonly random: Random
  /** Judges each request that comes whole; what it throws is kept. */
  readonly judge: (headers: IncomingMessage['headers'], raw: string) => { readonly eventId: string }
  /** Told when an event was taken: after that it need not come again. */
  readonly onTaken: (eventId: string) => void
}

/** Later than anybody waits for. */
const TOO_LATE_MS = 11_000

/** A receiver of webhooks that fails, stalls, answers late, cuts connections, and dies; always at one address. */
export class TryingReceiver {
  readonly problems: unknown[] = []
  requests = 0
  #server: Server = this.#listenWith()
  #port = 0

  private constructor(private readonly options: TryingReceiverOptions) {}

  static async open(options: TryingReceiverOptions): Promise<TryingReceiver> {
    const receiver = new TryingReceiver(options)
    await receiver.revive()
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`
  }

  /** Ends every connection, in the middle of whatever it is in. */
  die(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async revive(): Promise<void> {
    this.#server = this.#listenWith()
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  #listenWith(): Server {
    return createServer((request, response) => void this.#receive(request, response).catch(() => undefined))
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await text(request)
    this.requests++
    const { moods, random, judge, onTaken } = this.options
    let eventId = ''
    try {
      ;({ eventId } = judge(request.headers, raw))
    } catch (problem) {
      this.problems.push(problem)
    }
    const dice = random.integer(0, 999)
    const take = () => {
      onTaken(eventId)
      response.writeHead(200).end('{}')
    }
    const { fails, stalls, cuts, late } = moods
    if (dice < fails) response.writeHead(500).end('no')
    else if (dice < fails + stalls) return
    else if (dice < fails + stalls + cuts) request.socket.destroy()
    else if (dice < fails + stalls + cuts + late)
      setTimeout(() => !response.destroyed && take(), random.integer(0, 1) ? 300 : TOO_LATE_MS)
    else take()
  }
}
