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

/**
 * One request on a connection of its own, which is closed when this resolves: who counts connections does not count ours. Rejects with
 * an AssertionError for another answer, and with the system's error when the connection breaks.
 */
export async function ask(
  { origin, authorization }: Host,
  question: Question,
): Promise<{ headers: IncomingMessage['headers']; body: string }> {
  const { method, path, headers, body: sent } = question
  const outgoing = request(`${origin}${path}`, {
    method,
    headers: { authorization, ...headers },
    agent: false,
  })
  outgoing.on('error', () => undefined)
  outgoing.end(sent)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  const body = await text(answer)
  assert.equal(answer.statusCode, question.status, `${method} ${path}: ${body}`)
  return { headers: answer.headers, body }
}

/** The fields of a GraphQL answer; rejects as `ask` does, and when it has errors. */
export async function askGraphQL<T>(host: Host, query: string, variables: object = {}): Promise<T> {
  const { body } = await ask(host, {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    status: 200,
  })
  const { data, errors } = JSON.parse(body) as { data: T; errors?: unknown }
  assert.equal(errors, undefined, body)
  return data
}
