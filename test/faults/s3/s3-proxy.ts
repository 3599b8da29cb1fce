import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type S3Request, s3Request } from './s3-request.ts'

/** What becomes of one request to the store. */
export type Verdict =
  | { readonly do: 'forward' }
  /** Answered in the store's place, which hears nothing of it. */
  | { readonly do: 'answer'; readonly status: number; readonly body: string }
  /** Carried out by the store, and answered otherwise. */
  | { readonly do: 'answerAfter'; readonly status: number; readonly body: string }
  /** Carried out by the store; the connection breaks in place of the answer. */
  | { readonly do: 'loseAnswer' }
  /** `answer`: before its first byte; a body: after its first half. */
  | { readonly do: 'stall'; readonly at: 'answer' | Half; readonly ms: number }
  /** The connection breaks after the first half of a body. */
  | { readonly do: 'truncate'; readonly at: Half }
  /** Forwarded; something else is done when it begins, or when half of a body has passed. */
  | { readonly do: 'meanwhile'; readonly at: 'begin' | Half; readonly run: () => void }

/** The middle of the body that is sent to the store, or of the one that it sends. */
export type Half = 'request' | 'content'
export type Judge = (request: S3Request) => Verdict

const FORWARD: Verdict = { do: 'forward' }

/** Stands between the gateway and an object store and breaks what it is told to. Host stays as it was signed (AWS Signature Version 4). */
export class S3Proxy implements AsyncDisposable {
  readonly endpoint: string
  readonly #target: URL
  readonly #server: Server
  readonly #closed = new AbortController()
  #judge: Judge = () => FORWARD
  #struck = 0

  private constructor(server: Server, target: string) {
    this.#server = server
    this.#target = new URL(target)
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      incoming.on('error', () => undefined)
      outgoing.on('error', () => undefined)
      this.#serve(incoming, outgoing).catch(() => {
        incoming.destroy()
        outgoing.destroy()
      })
    })
  }

  /** Listens on a free port of 127.0.0.1. */
  static async open(target: string): Promise<S3Proxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new S3Proxy(server, target)
  }

  /** How many requests were not just forwarded since the last `breakBy`. */
  get struck(): number {
    return this.#struck
  }

  breakBy(judge: Judge): void {
    this.#judge = judge
    this.#struck = 0
  }

  heal(): void {
    this.#judge = () => FORWARD
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming
    const verdict = this.#judge(s3Request(method, url, 'x-amz-copy-source' in headers))
    if (verdict.do !== 'forward') this.#struck++
    if (verdict.do === 'answer') {
      // The whole request is taken first: an answer in its middle would be another fault.
      await buffer(incoming)
      return answer(outgoing, verdict)
    }
    const answered = await this.#ask(incoming, verdict)
    if (verdict.do === 'answerAfter' || verdict.do === 'loseAnswer') {
      await buffer(answered)
      if (verdict.do === 'answerAfter') return answer(outgoing, verdict)
      throw new Error('the answer is lost')
    }
    if (verdict.do === 'stall' && verdict.at === 'answer') await this.#pause(verdict.ms)
    outgoing.writeHead(answered.statusCode ?? 500, answered.headers)
    await pipeline(this.#through(answered, 'content', verdict), outgoing)
  }

  /** Sends the request on; gives the store's answer. */
  async #ask(incoming: IncomingMessage, verdict: Verdict): Promise<IncomingMessage> {
    const { expect: _, connection: __, ...headers } = incoming.headers
    const { hostname, port } = this.#target
    const { method, url: path } = incoming
    const onward = request({ hostname, port, method, path, headers, agent: false, setHost: false })
    onward.on('error', () => undefined)
    incoming.once('close', () => incoming.complete || onward.destroy())
    const answered = once(onward, 'response') as Promise<[IncomingMessage]>
    answered.catch(() => undefined)
    if (verdict.do === 'meanwhile' && verdict.at === 'begin') verdict.run()
    try {
      await Promise.race([pipeline(this.#through(incoming, 'request', verdict), onward), answered])
      return (await answered)[0]
    } catch (error) {
      onward.destroy()
      throw error
    }
  }

  /** The body as it is passed on. */
  async *#through(body: IncomingMessage, which: Half, verdict: Verdict) {
    const half = Math.floor(Number(body.headers['content-length'] ?? 0) / 2)
    let passed = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const cut = half - passed
      passed += chunk.length
      if (cut < 0 || cut >= chunk.length) {
        yield chunk
        continue
      }
      yield chunk.subarray(0, cut)
      if ('at' in verdict && verdict.at === which) await this.#inMiddle(verdict)
      yield chunk.subarray(cut)
    }
  }

  async #inMiddle(verdict: Verdict): Promise<void> {
    if (verdict.do === 'stall') await this.#pause(verdict.ms)
    if (verdict.do === 'meanwhile') verdict.run()
    if (verdict.do === 'truncate') throw new Error('the body is truncated')
  }

  #pause(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.#closed.signal })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}

function answer(outgoing: ServerResponse, { status, body }: { status: number; body: string }): void {
  outgoing.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) })
  outgoing.end(body)
}
