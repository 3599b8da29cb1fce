import type { Authenticator } from '../../features/access/authenticator.ts'
import { anonymous, type Viewer } from '../../features/access/viewer.ts'
import type { LoginThrottle } from '../../features/limits/login-throttle.ts'
import { AppError } from '../../platform/errors.ts'
import { networkOf } from '../../platform/lib/network-of.ts'
import type { AdmissionObserver } from './admission.metrics.ts'
import type { HeaderSink, Policy, RequestLimits } from './rate-limit.ts'

/** What is known of who asks before anything else is read. */
export interface Asking {
  readonly headers: { readonly authorization?: string }
  /** Where it comes from: the peer's address, or the one that a configured proxy tells. */
  readonly ip: string
}

/** For requests whose answer has no headers of its own, such as the messages of a WebSocket. */
const NO_HEADERS: HeaderSink = { header: () => undefined }

/** Says who asks, unless they ask too often. */
export class Admission {
  constructor(
    private readonly deps: {
      readonly authenticator: Pick<Authenticator, 'viewer'>
      /** Null = failed logins are not limited. */
      readonly logins: Pick<LoginThrottle, 'attempt'> | null
      readonly limits: Pick<RequestLimits, 'take'>
      readonly observer?: AdmissionObserver
    },
  ) {}

  /**
   * The viewer of a request, from its headers alone. A credential is counted by its name; everything else by the address that
   * it comes from.
   *
   * @throws UNAUTHENTICATED for a credential that does not hold, RATE_LIMITED
   */
  async admit(request: Asking, reply: HeaderSink = NO_HEADERS): Promise<Viewer> {
    const { authorization } = request.headers
    const network = networkOf(request.ip)
    let viewer: Viewer = anonymous
    try {
      if (authorization !== undefined) viewer = await this.#logIn(network, authorization)
    } finally {
      // A login that failed is counted, too: then who sends too many is told so instead.
      if (viewer.kind === 'principal') this.#take(reply, 'key', viewer.name)
      else this.#take(reply, 'address', network)
    }
    return viewer
  }

  /** Counts one more request of who was admitted before; throws RATE_LIMITED. */
  again(viewer: Viewer): void {
    if (viewer.kind === 'principal') this.#take(NO_HEADERS, 'key', viewer.name)
  }

  async #logIn(network: string, authorization: string): Promise<Viewer> {
    const { authenticator, logins, observer } = this.deps
    const logIn = () => authenticator.viewer(authorization)
    try {
      return await (logins ? logins.attempt({ network, authorization }, logIn) : logIn())
    } catch (error) {
      if (isCode(error, 'UNAUTHENTICATED')) observer?.loginFailed()
      if (isCode(error, 'RATE_LIMITED')) observer?.refused('login')
      throw error
    }
  }

  #take(reply: HeaderSink, policy: Policy, name: string): void {
    try {
      this.deps.limits.take(reply, policy, name)
    } catch (error) {
      this.deps.observer?.refused(policy)
      throw error
    }
  }
}

const isCode = (error: unknown, code: string): boolean => error instanceof AppError && error.code === code
