import { lookup as systemLookup } from 'node:dns/promises'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { AppError } from '../errors.ts'
import { currentSpan, spanned } from '../tracing/trace.ts'
import { type AllowedPlaces, PlaceCheck } from './allowed-places.ts'
import { fetchFailed, urlNotAllowed } from './outgoing.errors.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

export interface OutgoingOptions {
  readonly places: AllowedPlaces
  /** Looks up all addresses of a name; the system's resolver without it. */
  readonly lookup?: (name: string) => Promise<readonly Address[]>
  /** Whether http, too, goes to all of them, as without it, or to those alone that are listed by themselves. */
  readonly plainHttp?: 'listed'
  /** How long a server may be silent, in milliseconds. */
  readonly silenceMs: number
  /** Names the gateway to the servers that it asks. */
  readonly userAgent: string
}

export interface OutgoingRequest {
  readonly url: string
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Redirects that are followed; 0 gives the redirect itself. */
  readonly redirects: number
  /** Ends everything, the body of the answer too. */
  readonly signal?: AbortSignal
}

const LONGEST_URL = 2048
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Requests to servers that somebody else has named. Each host is looked up once, all its addresses must be allowed, and the
 * connection goes to just those: what a name says a moment later makes no difference. Every redirect begins anew. No header of
 * a client goes along, no proxy of the environment is used, no connection is kept.
 */
export class Outgoing {
  readonly #check: PlaceCheck

  constructor(private readonly options: OutgoingOptions) {
    this.#check = new PlaceCheck(options.places)
  }

  /** The URL in its normal form; throws URL_NOT_ALLOWED for what is refused without looking anything up. */
  check(url: string): URL {
    const parsed = url.length <= LONGEST_URL && URL.canParse(url) ? new URL(url) : null
    if (!parsed) throw urlNotAllowed(`it is no absolute URL of at most ${LONGEST_URL} characters`)
    if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
      throw urlNotAllowed('it is neither http nor https')
    if (parsed.username || parsed.password) throw urlNotAllowed('it carries a user name or a password')
    if (!this.#check.allowsHost(hostOf(parsed), portOf(parsed)))
      throw urlNotAllowed(`${parsed.host} is not among the places that the operator of this gateway allows`)
    if (
      this.options.plainHttp === 'listed' &&
      parsed.protocol === 'http:' &&
      !this.#check.lists(hostOf(parsed), portOf(parsed))
    )
      throw urlNotAllowed('at this place only https is allowed')
    return parsed
  }

  /**
   * The answer of the last server, headers read and body not; whoever gets it reads or destroys it.
   *
   * @throws URL_NOT_ALLOWED, FETCH_FAILED, or the reason of the signal
   */
  async open(request: OutgoingRequest): Promise<IncomingMessage> {
    let url = this.check(request.url)
    for (let left = request.redirects; ; left--) {
      const answer = await this.#traced(url, request)
      const { statusCode = 0, headers } = answer
      if (request.redirects === 0 || !REDIRECTS.has(statusCode)) return answer
      answer.destroy()
      if (left === 0) throw fetchFailed(`it leads through more than ${request.redirects} redirects`)
      if (!headers.location || !URL.canParse(headers.location, url.href))
        throw fetchFailed('its redirect leads nowhere')
      const next = new URL(headers.location, url)
      if (url.protocol === 'https:' && next.protocol === 'http:')
        throw urlNotAllowed('a redirect leads from https to http')
      url = this.check(next.href)
    }
  }

  /** Of the server nothing is told but its answer's status: somebody else has named it. */
  #traced(url: URL, request: OutgoingRequest): Promise<IncomingMessage> {
    const { method = 'GET' } = request
    return spanned(method, { kind: 'client', facts: { 'http.request.method': method } }, async tell => {
      const answer = await this.#ask(url, request)
      tell({ 'http.response.status_code': answer.statusCode })
      return answer
    })
  }

  async #ask(url: URL, { method = 'GET', headers, body, signal }: OutgoingRequest): Promise<IncomingMessage> {
    const addresses = await this.#addresses(url)
    signal?.throwIfAborted()
    const { silenceMs, userAgent } = this.options
    const options: RequestOptions = {
      method,
      agent: false,
      lookup: pinned(addresses),
      signal,
      timeout: silenceMs,
      headers: {
        'user-agent': userAgent,
        accept: '*/*',
        'accept-encoding': 'identity',
        ...traceHeaders(),
        ...headers,
      },
    }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, options, resolve)
    outgoing.on('socket', socket => this.#watch(socket))
    outgoing.on('timeout', () => outgoing.destroy(fetchFailed('its server is silent')))
    outgoing.on('error', error => reject(signal?.aborted ? signal.reason : failure(error)))
    outgoing.end(body)
    return promise
  }

  /** All addresses of the host, each of them allowed: a name that mixes in a forbidden one is up to no good. */
  async #addresses(url: URL): Promise<readonly Address[]> {
    const host = hostOf(url)
    const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await this.#lookUp(host)
    if (found.length === 0) throw fetchFailed(`${host} has no address`)
    if (!found.every(({ address }) => this.#check.allowsAddress(address)))
      throw urlNotAllowed(`${host} is not on the public internet`)
    return found
  }

  async #lookUp(host: string): Promise<readonly Address[]> {
    const lookup = this.options.lookup ?? (name => systemLookup(name, { all: true, verbatim: true }))
    try {
      return await lookup(host)
    } catch (error) {
      throw fetchFailed(`${host} is not known`, error)
    }
  }

  /** The last word: what the system has really connected to. */
  #watch(socket: Socket): void {
    socket.once('connect', () => {
      const { remoteAddress } = socket
      if (!remoteAddress || !this.#check.allowsAddress(remoteAddress))
        socket.destroy(urlNotAllowed('its server is not on the public internet'))
    })
  }
}

/** Names nobody: random numbers, by which a server's traces can be joined to ours. */
function traceHeaders(): { readonly traceparent?: string } {
  const span = currentSpan()
  return span ? { traceparent: span.traceparent } : {}
}

/** A look-up that knows its answer. */
function pinned(addresses: readonly Address[]): LookupFunction {
  const [first] = addresses
  return (_host, { all }, done) => {
    if (all) done(null, [...addresses])
    else done(null, first?.address ?? '', first?.family ?? 4)
  }
}

/** Without the brackets of an IPv6 address and the dot of a full name: as it is looked up and compared. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80))

function failure(error: Error): Error {
  if (
    (error as Partial<AppError>).code === 'URL_NOT_ALLOWED' ||
    (error as Partial<AppError>).code === 'FETCH_FAILED'
  )
    return error
  return fetchFailed('its server does not answer as it should', error)
}
