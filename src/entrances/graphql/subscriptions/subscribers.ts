import type { Logger } from 'pino'
import type { Authenticator } from '../../../features/access/authenticator.ts'
import type { Principal, Viewer } from '../../../features/access/viewer.ts'
import { AppError } from '../../../platform/errors.ts'
import { untraced } from '../../../platform/tracing/trace.ts'
import { goingAway, tooManySubscriptions } from './subscription.errors.ts'

/** Who has connected, for as long as the credential holds. */
export interface Subscriber {
  readonly requestId: string
  readonly log: Logger
  /** As the credential stands now. */
  readonly viewer: Viewer
  /** Aborted when the connection is over; the reason is an AppError unless the client has ended it. */
  readonly ended: AbortSignal
  /** The client has gone. */
  end(): void
  /** Counts one subscription, until the signal is aborted; throws TOO_MANY_SUBSCRIPTIONS. */
  count(until: AbortSignal): void
}

export interface Connecting {
  readonly requestId: string
  readonly log: Logger
  readonly viewer: Principal
  readonly authorization: string
}

/** With what the authenticator remembers, a credential that no longer holds ends what it has opened within 5 seconds. */
const CHECK_EVERY_MS = 1_000

/** Everybody who subscribes at this node. Their credentials are checked again for as long as they are connected. */
export class Subscribers {
  readonly #open = new Map<Connected, NodeJS.Timeout>()
  readonly #counts = new Map<string, number>()
  #running = 0

  constructor(
    private readonly deps: {
      readonly authenticator: Pick<Authenticator, 'viewer'>
      /** Subscriptions of one credential, and its connections. */
      readonly most: number
    },
  ) {}

  get connections(): number {
    return this.#open.size
  }

  get subscriptions(): number {
    return this.#running
  }

  /** Throws TOO_MANY_SUBSCRIPTIONS for a credential that has as many connections already. */
  open(connecting: Connecting): Subscriber {
    const subscriber = new Connected(connecting, (name, until) => this.#countRunning(name, until))
    this.#count(`connections ${subscriber.name}`, subscriber.ended)
    const check = () => void this.#check(subscriber, connecting.authorization)
    const timer = untraced(() => setInterval(check, CHECK_EVERY_MS))
    timer.unref()
    this.#open.set(subscriber, timer)
    subscriber.ended.addEventListener(
      'abort',
      () => {
        clearInterval(timer)
        this.#open.delete(subscriber)
      },
      { once: true },
    )
    return subscriber
  }

  /** Tells everybody to come again, elsewhere. */
  endAll(): void {
    for (const subscriber of this.#open.keys()) subscriber.end(goingAway())
  }

  async #check(subscriber: Connected, authorization: string): Promise<void> {
    try {
      subscriber.viewer = await this.deps.authenticator.viewer(authorization)
    } catch (error) {
      // A database that does not answer has not revoked anything; no event comes from it either.
      if (error instanceof AppError && error.status === 401) subscriber.end(error)
    }
  }

  #countRunning(name: string, until: AbortSignal): void {
    if (until.aborted) return
    this.#count(name, until)
    this.#running++
    until.addEventListener('abort', () => this.#running--, { once: true })
  }

  #count(name: string, until: AbortSignal): void {
    if (until.aborted) return
    const { most } = this.deps
    const count = this.#counts.get(name) ?? 0
    if (count >= most) throw tooManySubscriptions(most, 'credential')
    this.#counts.set(name, count + 1)
    until.addEventListener(
      'abort',
      () => {
        const left = (this.#counts.get(name) ?? 1) - 1
        if (left > 0) this.#counts.set(name, left)
        else this.#counts.delete(name)
      },
      { once: true },
    )
  }
}

class Connected implements Subscriber {
  readonly requestId: string
  readonly log: Logger
  viewer: Viewer
  /** Whose it is. */
  readonly name: string
  readonly #ended = new AbortController()

  constructor(
    { requestId, log, viewer }: Connecting,
    private readonly take: (name: string, until: AbortSignal) => void,
  ) {
    this.requestId = requestId
    this.log = log
    this.viewer = viewer
    this.name = `${viewer.accountId} ${viewer.name}`
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  end(reason?: AppError): void {
    this.#ended.abort(reason)
  }

  count(until: AbortSignal): void {
    this.take(`subscriptions ${this.name}`, until)
  }
}
