import type { Readable } from 'node:stream'
import { blockBytesAfter, blocksInFlight, MOST_BLOCKS, WHOLE_BLOCK_BYTES } from './azure-block-size.ts'
import type { UploadState } from './azure-state.ts'
import type { AzureUploads, SentBlock, Upload } from './azure-uploads.ts'
import { PartCutter, PartSender } from './parts.ts'

export interface TurnOptions {
  readonly uploads: AzureUploads
  /** As the turn has begun it. */
  readonly state: UploadState
  /** Blocks that there are. */
  readonly blocks: number
}

/** The blocks of one append, and what it leaves over. */
export class Turn {
  #cutter: PartCutter
  #sender: PartSender<SentBlock>
  #least: number
  #blocks: number
  #end: number
  #rest: Buffer = Buffer.alloc(0)

  constructor(upload: Upload, { uploads, state, blocks }: TurnOptions) {
    const { turn, base: start, least, tail } = state
    this.#least = least
    this.#blocks = blocks
    this.#end = start
    this.#cutter = new PartCutter({
      at: start + tail,
      partBytes: () => Math.max(WHOLE_BLOCK_BYTES, this.#worthwhile),
    })
    this.#sender = new PartSender({
      // Called at once for each block that is added, so that they come in their order.
      send: part => {
        const offset = this.#end
        this.#end += part.bytes.byteLength
        return uploads.send(upload, { ...part, turn, start, offset })
      },
      inFlight: blocksInFlight,
      firstNumber: blocks + 1,
      mostParts: MOST_BLOCKS,
    })
  }

  /** Where the blocks end. */
  get end(): number {
    return this.#end
  }

  /** The bytes behind them, too few for one more. */
  get rest(): Buffer {
    return this.#rest
  }

  /**
   * Stages what is worth a block, and the tail before it as a block of its own, so that one begins where this append does. Gives
   * the error that the body broke off with, and throws that of the store.
   */
  async take(tail: Buffer, body: Readable): Promise<{ error: unknown } | null> {
    let waiting = tail
    const stage = async (bytes: Buffer) => {
      await this.#add(waiting)
      waiting = Buffer.alloc(0)
      await this.#add(bytes)
    }
    let broken: { error: unknown } | null = null
    try {
      for await (const block of this.#cutter.cut(body)) await stage(block)
    } catch (error) {
      broken = { error }
      await this.#sender.end()
    }
    const { rest } = this.#cutter
    if (waiting.byteLength + rest.byteLength >= this.#worthwhile) await stage(rest)
    else this.#rest = Buffer.concat([waiting, rest])
    await this.#sender.end()
    return broken
  }

  get #worthwhile(): number {
    return blockBytesAfter(this.#blocks, this.#least)
  }

  async #add(bytes: Buffer): Promise<void> {
    if (bytes.byteLength === 0) return
    this.#blocks += 1
    await this.#sender.add(bytes)
  }
}
