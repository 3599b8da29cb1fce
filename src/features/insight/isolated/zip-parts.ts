/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { Readable } from 'node:stream'
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'
import type { BoundedReader } from './bounded-reader.ts'

const BLOCK_BYTES = 64 * 1024
const MOST_BLOCKS = 64
/** An office file has hundreds of parts at most; what is looked for comes early or late. */
const MOST_ENTRIES = 10_000
const LONGEST_PART = 1024 * 1024

/** Reads in blocks: the library asks for some dozen bytes at a time. */
class Blocks extends RandomAccessReader {
  readonly #reader: BoundedReader
  readonly #blocks = new Map<number, Promise<Buffer>>()

  constructor(reader: BoundedReader) {
    super()
    this.#reader = reader
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#range(start, end))
  }

  async *#range(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; ) {
      const number = Math.floor(at / BLOCK_BYTES)
      const block = await this.#block(number)
      const part = block.subarray(at - number * BLOCK_BYTES, end - number * BLOCK_BYTES)
      if (part.length === 0) throw new Error('the file ends early')
      yield part
      at += part.length
    }
  }

  #block(number: number): Promise<Buffer> {
    const known = this.#blocks.get(number)
    if (known) return known
    if (this.#blocks.size >= MOST_BLOCKS) this.#blocks.clear()
    const block = this.#reader.read(number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES)
    this.#blocks.set(number, block)
    return block
  }
}

/** The text of those parts of a ZIP that it has, by name; none is inflated beyond a MiB, and nothing else of the file is. */
export async function zipParts(
  reader: BoundedReader,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const zip = await open(reader)
  const parts = new Map<string, string>()
  try {
    let seen = 0
    for await (const entry of zip.eachEntry()) {
      if (names.includes(entry.fileName) && !parts.has(entry.fileName))
        parts.set(entry.fileName, await textOf(zip, entry))
      if (parts.size === names.length || ++seen >= MOST_ENTRIES) break
    }
    return parts
  } finally {
    zip.close()
  }
}

function open(reader: BoundedReader): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false }
  return new Promise((resolve, reject) => {
    fromRandomAccessReader(new Blocks(reader), reader.size, options, (error, zip) =>
      error ? reject(error) : resolve(zip),
    )
  })
}

async function textOf(zip: ZipFile, entry: Entry): Promise<string> {
  const stream = await zip.openReadStreamPromise(entry)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > LONGEST_PART)
      throw new HandlerFailure('too-large', `${entry.fileName} has more than ${LONGEST_PART} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}
