import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../../platform/clock.ts'
import { AppError } from '../../../platform/errors.ts'
import { parseHttpDate } from '../../../platform/lib/http-date.ts'
import { inTime, NotInTime } from '../../../platform/lib/in-time.ts'
import type { Outgoing } from '../../../platform/net/outgoing.ts'

/** Words for the log of deliveries and labels for metrics: what an attempt can come to. */
export const RESULTS = {
  delivered: 'The receiver has taken it.',
  refused: 'The receiver has answered with another status than 2xx.',
  gone: 'The receiver has answered 410 Gone, and is sent nothing more.',
  timeout: 'The receiver has not answered within 10 seconds.',
  unreachable: 'The receiver could not be reached, or did not answer as a server should.',
  forbidden: 'The URL leads to a place that this gateway does not send to.',
} as const satisfies Record<string, string>
export type Result = keyof typeof RESULTS

export interface Outcome {
  readonly result: Result
  readonly status: number | null
  /** In words of ours: of what a receiver answers nothing is kept. Null where it has taken it. */
  readonly error: string | null
  readonly milliseconds: number
  /** Seconds that the receiver asks to wait for. */
  readonly retryAfter: number | null
}

export interface Message {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const TIME_LIMIT_MS = 10_000
/** An answer is read to its end where that is near, since some receivers stop working when nobody listens. */
const MOST_OF_ANSWER = 65_536

/** Sends one message, once. Only 2xx counts; redirects are not followed. */
export class Sender {
  constructor(private readonly deps: { readonly outgoing: Pick<Outgoing, 'open'>; readonly clock: Clock }) {}

  /** Does not reject. */
  async send({ url, headers, body }: Message): Promise<Outcome> {
    const began = performance.now()
    const ended = new AbortController()
    const finish = (result: Result, more: Partial<Outcome> = {}): Outcome => ({
      result,
      status: null,
      error: result === 'delivered' ? null : RESULTS[result],
      milliseconds: Math.round(performance.now() - began),
      retryAfter: null,
      ...more,
    })
    const request = {
      url,
      method: 'POST' as const,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body),
      redirects: 0,
      signal: ended.signal,
    }
    try {
      const answer = await inTime(this.deps.outgoing.open(request), TIME_LIMIT_MS, late => late.destroy())
      const outcome = judge(answer, finish, this.deps.clock.now())
      await inTime(readSome(answer), TIME_LIMIT_MS - (performance.now() - began)).catch(() => undefined)
      return outcome
    } catch (error) {
      return finish(resultOf(error))
    } finally {
      ended.abort()
    }
  }
}

type Finish = (result: Result, more: Partial<Outcome>) => Outcome

function judge({ statusCode: status = 0, headers }: IncomingMessage, finish: Finish, now: Date): Outcome {
  if (status >= 200 && status < 300) return finish('delivered', { status })
  const retryAfter = secondsOf(headers['retry-after'], now)
  if (status === 410) return finish('gone', { status })
  const what = status >= 300 && status < 400 ? 'a redirect, which is not followed' : 'a refusal'
  return finish('refused', {
    status,
    retryAfter,
    error: `The receiver has answered with ${what} (status ${status}).`,
  })
}

function resultOf(error: unknown): Result {
  if (error instanceof NotInTime) return 'timeout'
  return error instanceof AppError && error.code === 'URL_NOT_ALLOWED' ? 'forbidden' : 'unreachable'
}

/** Retry-After as seconds or as a date (RFC 9110, 10.2.3); null for what is neither. */
function secondsOf(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const date = parseHttpDate(text, now)
  return date === null ? null : Math.max(0, date - now.getTime() / 1000)
}

async function readSome(answer: IncomingMessage): Promise<void> {
  let read = 0
  for await (const chunk of answer) {
    read += (chunk as Buffer).length
    if (read > MOST_OF_ANSWER) return
  }
}
