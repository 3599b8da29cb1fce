import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** A gateway, and the credential that it is asked with. */
export interface Host {
  readonly origin: string
  readonly authorization: string
}

export interface Question {
  readonly method: 'POST' | 'HEAD' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** What it must be answered with. */
  readonly status: number
}

export interface Refusal {
  readonly status: number
  /** None came with an answer to HEAD. */
  readonly code: string | undefined
  readonly retryAfter: string | undefined
}

/** An answer other than the one that must come. */
export class UnexpectedAnswer extends assert.AssertionError {
  readonly refusal: Refusal

  constructor(message: string, refusal: Refusal) {
    super({ message: `${message}: ${JSON.stringify(refusal)}` })
    this.refusal = refusal
  }
}

/**
 * One request on a connection of its own, which is closed when this resolves: who counts connections does not count ours. Rejects with
 * an UnexpectedAnswer for another answer, and with the system's error when the connection breaks.
 */
export async function ask(
  host: Host,
  question: Question,
): Promise<{ headers: IncomingMessage['headers']; body: string }> {
  const { answer, body } = await exchange(host, question)
  if (answer.statusCode !== question.status) throw unexpected(question, answer, body)
  return { headers: answer.headers, body }
}

/** The fields of a GraphQL answer; rejects as `ask` does, and when it has errors. */
export async function askGraphQL<T>(host: Host, query: string, variables: object = {}): Promise<T> {
  const question = {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    status: 200,
  } as const
  const { answer, body } = await exchange(host, question)
  if (answer.statusCode !== 200 || codeIn(body)) throw unexpected(question, answer, body)
  return (JSON.parse(body) as { data: T }).data
}

async function exchange({ origin, authorization }: Host, { method, path, headers, body: sent }: Question) {
  const outgoing = request(`${origin}${path}`, {
    method,
    headers: { authorization, ...headers },
    agent: false,
  })
  outgoing.on('error', () => undefined)
  outgoing.end(sent)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { answer, body: await text(answer) }
}

function unexpected({ method, path }: Question, answer: IncomingMessage, body: string): UnexpectedAnswer {
  return new UnexpectedAnswer(`${method} ${path}: ${body}`, {
    status: answer.statusCode ?? 0,
    code: codeIn(body),
    retryAfter: answer.headers['retry-after'],
  })
}

function codeIn(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined
  const { error, errors } = JSON.parse(body) as {
    error?: { code: string }
    errors?: readonly { extensions?: { code: string } }[]
  }
  return error?.code ?? (errors && (errors[0]?.extensions?.code ?? 'NO_CODE'))
}
