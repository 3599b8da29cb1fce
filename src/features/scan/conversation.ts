import { connect, type Socket } from 'node:net'
import { inTime } from '../../platform/lib/in-time.ts'
import { LONGEST_REPLY } from './clamd-reply.ts'

/** Where clamd listens: at a socket of this machine, or at a port. Neither is encrypted. */
export type ClamdAddress = { readonly path: string } | { readonly host: string; readonly port: number }

/** The scanner does not answer, or has broken off: nothing is known of the content, and the next time may be better. */
export class ScannerUnavailable extends Error {
  override readonly name = 'ScannerUnavailable'
  readonly code = 'SCANNER_UNAVAILABLE'
}

interface ConversationOptions {
  readonly address: ClamdAddress
  /** How long the peer may take for a connection, or for a piece, in milliseconds. */
  readonly silenceMs: number
  /** Ends it, whatever is going on. */
  readonly signal: AbortSignal
}

/** One connection to clamd: one command, and its answer up to the end of the connection. */
export class Conversation {
  readonly #socket: Socket
  readonly #silenceMs: number
  readonly #heard: Buffer[] = []
  #length = 0
  /** Aborted when nothing that is said will be heard any more. */
  readonly #over = new AbortController()
  readonly #reply = Promise.withResolvers<string>()

  private constructor({ address, silenceMs, signal }: ConversationOptions) {
    this.#silenceMs = silenceMs
    this.#socket = connect(address)
    this.#socket.on('data', piece => this.#hear(piece))
    // A peer that closes with bytes of ours unread resets the connection: an answer that came before counts.
    this.#socket.on('error', error => this.#end(error))
    this.#socket.on('close', () => this.#end())
    const abort = () => this.#socket.destroy(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    this.#socket.once('close', () => signal.removeEventListener('abort', abort))
    this.#reply.promise.catch(() => undefined)
  }

  /** Rejects with ScannerUnavailable. */
  static async open(options: ConversationOptions): Promise<Conversation> {
    const conversation = new Conversation(options)
    const connected = new Promise<void>(resolve => conversation.#socket.once('connect', resolve))
    try {
      await inTime(Promise.race([connected, conversation.#reply.promise]), options.silenceMs)
      return conversation
    } catch (error) {
      conversation.close()
      throw unavailable(error)
    }
  }

  /** Aborted once the peer has begun to answer, or is gone: who is speaking may stop. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /**
   * Resolves when the system has taken all of it; to false when the peer has begun to answer before, or is gone: then its answer tells,
   * or that there is none.
   */
  async say(...pieces: readonly Uint8Array[]): Promise<boolean> {
    // So that an answer which is here already is heard before a write finds that its reader is gone.
    await new Promise(resolve => setImmediate(resolve))
    if (this.over.aborted) return false
    const taken = new Promise<void>((resolve, reject) => {
      this.#socket.cork()
      for (const piece of pieces.slice(0, -1)) this.#socket.write(piece)
      const last = pieces.at(-1) ?? new Uint8Array()
      this.#socket.write(last, error => (error ? reject(error) : resolve()))
      this.#socket.uncork()
    })
    try {
      await inTime(taken, this.#silenceMs)
      return true
    } catch (error) {
      this.#socket.destroy(error as Error)
      return false
    }
  }

  /** Nothing more comes; the answer is still heard. */
  endSaying(): void {
    this.#socket.end()
  }

  /** The answer without its final zero byte, once the peer has closed the connection; rejects with ScannerUnavailable. */
  async reply(): Promise<string> {
    return this.#reply.promise.catch(error => {
      throw unavailable(error)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #hear(piece: Buffer): void {
    this.#over.abort()
    this.#heard.push(piece)
    this.#length += piece.length
    // What is longer than any answer is none, however it goes on.
    if (this.#length > LONGEST_REPLY) this.#socket.destroy()
  }

  #end(error?: Error): void {
    const heard = Buffer.concat(this.#heard)
    const isWhole = heard.at(-1) === 0 || heard.length > LONGEST_REPLY
    if (isWhole) this.#reply.resolve(heard.toString('latin1').replace(/\0$/, ''))
    else this.#reply.reject(error ?? new Error(`it broke off after ${heard.length} bytes of its answer`))
    this.#over.abort()
  }
}

function unavailable(cause: unknown): ScannerUnavailable {
  if (cause instanceof ScannerUnavailable) return cause
  // Of a name with several addresses there is a code, and no message.
  const { message, code } = cause as NodeJS.ErrnoException
  return new ScannerUnavailable(`the scanner does not answer: ${message || code}`, { cause })
}
