import { addAbortSignal, type Readable } from 'node:stream'
import { ProbeFailure } from './image-facts.ts'

/** The stored bytes of one image. */
export interface ImageSource {
  /** Opens the bytes from the beginning; may be called twice. What it gives is always destroyed. */
  open(): Promise<Readable>
  /** All bytes that `open` gives. */
  readonly size: number
}

/** Settles as the promise does, or rejects with the signal's reason as soon as that is aborted. */
export function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/**
 * The first bytes of an image, never more than asked for. Ends with the signal's reason when that is aborted, with the
 * failure `source` when the bytes cannot be opened or read, or are fewer than announced.
 */
export async function* firstBytes(
  source: ImageSource,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let left = Math.min(source.size, most)
  try {
    for await (const chunk of await opened(source, signal)) {
      const part: Buffer = chunk.subarray(0, left)
      left -= part.length
      yield part
      if (left === 0) return
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : new ProbeFailure('source', String(error))
  }
  throw new ProbeFailure('source', `it ended ${left} bytes early`)
}

async function opened(source: ImageSource, signal: AbortSignal): Promise<Readable> {
  const opening = source.open()
  try {
    return addAbortSignal(signal, await within(signal, opening))
  } catch (error) {
    // It may still open when nobody waits any more.
    opening.then(late => late.destroy()).catch(() => undefined)
    throw error
  }
}
