import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type ResumableWrites, StorageConflict, type UploadHandle, type WriteHints } from '../driver.ts'
import { isStorageKey, type StorageKey } from '../key.ts'
import { chainOf, cutOff, endOf, type StoredBlock } from './azure-block.ts'
import { firstBlockBytes } from './azure-block-size.ts'
import { AzureStates, beginning, metadataOf, type ReadState, unknown } from './azure-state.ts'
import { Turn } from './azure-turn.ts'
import type { AzureUploads, Upload } from './azure-uploads.ts'

/** Where a write stands: its state, and the blocks in the store that count. */
interface Standing {
  readonly state: ReadState
  readonly chain: readonly StoredBlock[]
  /** Bytes after the blocks: those of the state, unless a block has them by now. */
  readonly tail: number
  readonly offset: number
}

/** Least bytes that are worth a block, unless there are very many. */
const LEAST_BLOCK_BYTES = 1024 * 1024
const HANDLE = /^([^:]+):([0-9a-f-]{36})$/

/**
 * Appends by staging blocks. What an append has left over is a block of its own if it is worth one; otherwise it is the tail,
 * kept in the state of the write, and becomes a block as soon as it is followed by enough. Each append is a turn, whose number its
 * blocks have in their ids: so blocks can be taken back, which the store has no request for.
 */
export class AzureResumable implements ResumableWrites {
  #uploads: AzureUploads
  #states: AzureStates
  #assertIdle: (key: StorageKey) => void

  constructor(uploads: AzureUploads, assertIdle: (key: StorageKey) => void) {
    this.#uploads = uploads
    this.#states = new AzureStates(uploads.container)
    this.#assertIdle = assertIdle
  }

  async begin(key: StorageKey, { size = 0, mimeType }: WriteHints): Promise<UploadHandle> {
    this.#assertIdle(key)
    const metadata = metadataOf(beginning(firstBlockBytes(size, LEAST_BLOCK_BYTES), mimeType))
    const { writeId } = await this.#uploads.begin(key, { writeId: randomUUID(), metadata })
    return `${key}:${writeId}`
  }

  async append(handle: UploadHandle, at: number, body: Readable): Promise<{ offset: number }> {
    const upload = uploadOf(handle)
    const read = await this.#states.readWithTail(upload)
    const standing = await this.#standing(upload, read.state)
    const { chain, tail, offset } = standing
    if (offset !== at) throw new StorageConflict(`append at ${at}, but the offset is ${offset}`)
    const begun = { turn: read.state.turn + 1, base: endOf(chain), tail, from: at }
    const state = await this.#states.change(upload, read.state, { ...read.state, ...begun })
    const turn = new Turn(upload, { uploads: this.#uploads, state, blocks: chain.length })
    const broken = await turn.take(read.tail.subarray(0, tail), body)
    const { end, rest } = turn
    const after = end + rest.byteLength
    if (after !== at)
      await this.#states.save(upload, state, { ...state, base: end, tail: rest.byteLength, bytes: rest })
    if (broken) throw broken.error
    return { offset: after }
  }

  async offset(handle: UploadHandle): Promise<number> {
    const upload = uploadOf(handle)
    return (await this.#standing(upload, await this.#states.read(upload))).offset
  }

  async rewind(handle: UploadHandle, to: number): Promise<void> {
    const upload = uploadOf(handle)
    const state = await this.#states.read(upload)
    const { offset } = await this.#standing(upload, state)
    if (to === offset && to !== state.from) return
    if (to !== state.from) throw new StorageConflict(`back to ${to}, where the last append has not begun`)
    // Either it has staged nothing, and the tail has grown; or it has staged the tail first, and a block ends where it began.
    const base = Math.min(to, state.base)
    await this.#states.change(upload, state, { ...state, turn: state.turn + 1, base, tail: to - base })
  }

  async complete(handle: UploadHandle): Promise<{ size: number }> {
    const upload = uploadOf(handle)
    const { container } = this.#uploads
    const made = await container.head(container.at(upload.key))
    if (made?.metadata.write === upload.writeId) {
      await this.#uploads.release(upload)
      return { size: made.size }
    }
    const read = await this.#states.readWithTail(upload)
    const { chain, tail, offset } = await this.#standing(upload, read.state)
    const ids = chain.map(({ id }) => id)
    if (tail > 0) {
      const base = endOf(chain)
      // A turn of its own: should this completion fail, later appends are not mistaken for its block.
      const turn = read.state.turn + 1
      await this.#states.change(upload, read.state, { ...read.state, turn, base, tail })
      const last = { number: ids.length + 1, turn, start: base, offset: base, bytes: read.tail }
      ids.push((await this.#uploads.send(upload, last)).id)
    }
    await this.#uploads.commit(upload, ids, read.state.mimeType || undefined)
    await this.#uploads.release(upload)
    return { size: offset }
  }

  async abort(handle: UploadHandle): Promise<void> {
    const [, key = '', writeId = ''] = HANDLE.exec(handle) ?? []
    if (!isStorageKey(key)) return
    const { container } = this.#uploads
    const upload = { key, writeId }
    const claim = await container.head(container.unfinishedAt(key))
    if (claim?.metadata.write !== writeId) return
    if (!(await container.head(container.at(key)))) await container.remove(container.at(key))
    await this.#uploads.release(upload)
  }

  /** Throws StorageConflict also when the store has dropped blocks, as Azure does a week after the last one came. */
  async #standing(upload: Upload, state: ReadState): Promise<Standing> {
    const staged = await this.#uploads.staged(upload)
    if (!staged) throw unknown(upload)
    const turns = staged.filter(({ turn }) => turn <= state.turn)
    const chain = cutOff(chainOf(turns), state.base)
    if (endOf(chain) !== state.base)
      throw new StorageConflict(`the store has dropped blocks of the key ${upload.key}`)
    // What the last turn has added without coming to its end.
    const torn = turns.filter(({ turn, start }) => turn === state.turn && start === state.base)
    const whole = torn.length > 0 ? chainOf([...chain, ...torn]) : chain
    const tail = whole.length > chain.length ? 0 : state.tail
    return { state, chain: whole, tail, offset: endOf(whole) + tail }
  }
}

/** The write that a handle names; StorageConflict for what is no handle. */
function uploadOf(handle: UploadHandle): Upload {
  const [, key = '', writeId = ''] = HANDLE.exec(handle) ?? []
  if (!isStorageKey(key)) throw new StorageConflict('not a handle of this store')
  return { key, writeId }
}
