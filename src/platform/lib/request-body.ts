import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * The body of a request as a stream that may be given up while the request goes on: destroying a request itself cuts its
 * connection, and a client that is refused would see a reset instead of the reason. Breaks off with ECONNRESET when the
 * connection does. Nobody else may read the request until the body is closed.
 */
export function requestBody(request: IncomingMessage): Readable {
  const body = new RequestBody(request)
  // It may break off before anybody reads it.
  body.on('error', () => undefined)
  return body
}

class RequestBody extends Readable {
  #request: IncomingMessage

  constructor(request: IncomingMessage) {
    // One chunk at a time: a reader that finds several waiting would be given a copy of them in one.
    super({ highWaterMark: 1 })
    this.#request = request
    request.on('data', this.#take).on('end', this.#finish).on('close', this.#close).on('error', this.#fail)
    request.pause()
    // What ended before is told all the same.
    if (request.destroyed) this.#close()
  }

  override _read(): void {
    this.#request.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const request = this.#request
    request
      .off('data', this.#take)
      .off('end', this.#finish)
      .off('close', this.#close)
      .off('error', this.#fail)
      // An error that comes now is nobody's, and must not end the process.
      .on('error', () => undefined)
    if (!request.readableEnded) request.pause()
    done(error)
  }

  #take = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#request.pause()
  }

  #finish = (): void => {
    this.push(null)
  }

  #close = (): void => {
    if (!this.#request.complete)
      this.#fail(Object.assign(new Error('the client has gone'), { code: 'ECONNRESET' }))
  }

  #fail = (error: Error): void => {
    this.destroy(error)
  }
}
