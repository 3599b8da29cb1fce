import type { IncomingMessage } from 'node:http'
import { Duplex, pipeline } from 'node:stream'
import { releaseChunk } from '../../platform/lib/release-chunk.ts'

/** As much of a body as may wait for a parser that is busy, in bytes. */
const GATHERED_BYTES = 2 ** 20

/**
 * The body of a request, in fewer and larger pieces: what arrives while the parser is busy reaches it as one. The parser
 * of multipart requests makes each piece a write to a file and a read from it, which cost by the piece. Nobody else may read
 * the request.
 */
export function gatheredBody(request: IncomingMessage): Duplex & Pick<IncomingMessage, 'headers'> {
  const body = Object.assign(new Gathering(), { headers: request.headers })
  // The parser learns that the body broke off from its being closed without an end, as it does of a request.
  pipeline(request, body, () => undefined)
  body.on('error', () => undefined)
  return body
}

interface Written {
  readonly chunk: Buffer
}

type Done = () => void

class Gathering extends Duplex {
  #goOn: Done | undefined

  constructor() {
    // A readable side that holds one piece: all waiting is done on the writable side, where pieces become one.
    super({ writableHighWaterMark: GATHERED_BYTES, readableHighWaterMark: 1 })
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.push(chunk)) done()
    else this.#goOn = done
  }

  override _writev(pieces: Written[], done: Done): void {
    const whole = Buffer.concat(pieces.map(({ chunk }) => chunk))
    for (const { chunk } of pieces) releaseChunk(chunk)
    this._write(whole, 'binary', done)
  }

  override _read(): void {
    const goOn = this.#goOn
    this.#goOn = undefined
    goOn?.()
  }

  override _final(done: Done): void {
    this.push(null)
    done()
  }
}
