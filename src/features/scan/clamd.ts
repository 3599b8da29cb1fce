import type { Readable } from 'node:stream'
import { releaseChunk } from '../../platform/lib/release-chunk.ts'
import { type Verdict, verdictOf } from './clamd-reply.ts'
import { type ClamdAddress, Conversation, ScannerUnavailable } from './conversation.ts'

export interface ClamdOptions {
  readonly address: ClamdAddress
  /** How long clamd may take for a connection or for a piece of a content. */
  readonly silenceMs: number
  /** How long the scan of one content may take in all: sending it, waiting for a free thread of clamd's, and its verdict. */
  readonly limitMs: number
}

export interface Scanned {
  /** Bytes. */
  readonly size: number
  /** Opens the bytes, once clamd is there to take them. */
  open(): Promise<Readable>
}

/** A client of clamd: one connection a command, so that nothing is left of one when the next begins. */
export class Clamd {
  constructor(private readonly options: ClamdOptions) {}

  /**
   * Sends a content by INSTREAM, as fast as clamd takes it, and gives its verdict. Rejects with ScannerUnavailable when there is none, with
   * the reason of the signal, and with what the bytes break off with.
   */
  async scan({ size, open }: Scanned, signal: AbortSignal): Promise<Verdict> {
    const { limitMs } = this.options
    return this.#converse('INSTREAM', { signal, limitMs }, async talk => {
      const isWhole = await send(talk, { size, body: await open() })
      try {
        return verdictOf(await talk.reply(), isWhole)
      } catch (error) {
        const refusal = isWhole ? null : await this.#refusalOf(size, signal)
        if (refusal) return refusal
        throw error
      }
    })
  }

  /**
   * Clamd closes the connection under a content that is too large for it while we still write, and its answer may be lost with that. So it is
   * asked again by the length of a piece alone, which it judges before the piece comes. Null where it takes so much, or does not answer.
   */
  async #refusalOf(size: number, signal: AbortSignal): Promise<Verdict | null> {
    const limitMs = this.options.silenceMs
    try {
      const reply = await this.#converse('INSTREAM', { signal, limitMs }, async talk => {
        await talk.say(lengthOf(Math.min(size, 0xffff_ffff)))
        talk.endSaying()
        return talk.reply()
      })
      const verdict = verdictOf(reply, false)
      return verdict.result === 'error' && verdict.reason === 'too-large' ? verdict : null
    } catch (error) {
      if (error instanceof ScannerUnavailable) return null
      throw error
    }
  }

  /** Resolves when clamd answers; rejects with ScannerUnavailable. */
  async ping(): Promise<void> {
    const { silenceMs } = this.options
    const within = { signal: new AbortController().signal, limitMs: silenceMs }
    const reply = await this.#converse('PING', within, talk => talk.reply())
    if (reply !== 'PONG') throw new ScannerUnavailable(`what answers is no clamd: ${JSON.stringify(reply)}`)
  }

  async #converse<T>(
    command: 'INSTREAM' | 'PING',
    { signal, limitMs }: { readonly signal: AbortSignal; readonly limitMs: number },
    work: (talk: Conversation) => Promise<T>,
  ): Promise<T> {
    const { address, silenceMs } = this.options
    const deadline = AbortSignal.timeout(limitMs)
    try {
      const ended = AbortSignal.any([signal, deadline])
      const talk = await Conversation.open({ address, silenceMs, signal: ended })
      try {
        // With `z` both command and answer end with a zero byte, so that half of one is never taken for all of it.
        await talk.say(Buffer.from(`z${command}\0`))
        return await work(talk)
      } finally {
        talk.close()
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!deadline.aborted) throw error
      throw new ScannerUnavailable(`the scanner has given no verdict within ${limitMs / 1000} s`, {
        cause: error,
      })
    }
  }
}

/** What stands ahead of a piece. */
function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}

/** A piece without bytes ends the content. */
const END = lengthOf(0)

/** Whether all of it was sent before an answer began, or the scanner was gone. Closes the body. */
async function send(talk: Conversation, { size, body }: { size: number; body: Readable }): Promise<boolean> {
  const stop = () => body.destroy()
  talk.over.addEventListener('abort', stop, { once: true })
  let sent = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      // A piece without bytes would end the content, and the rest of it would be CLEAN unseen.
      if (chunk.length === 0) continue
      sent += chunk.length
      if (!(await talk.say(lengthOf(chunk.length), chunk))) return false
      releaseChunk(chunk)
    }
  } catch (error) {
    // The body was stopped.
    if (talk.over.aborted) return false
    throw error
  } finally {
    talk.over.removeEventListener('abort', stop)
    body.destroy()
  }
  if (talk.over.aborted) return false
  if (sent !== size) throw new Error(`the store gave ${sent} bytes instead of ${size}`)
  return talk.say(END)
}
