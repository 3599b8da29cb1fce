import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type ResumableWrites, StorageConflict, type UploadHandle, type WriteHints } from '../driver.ts'
import type { StorageKey } from '../key.ts'
import { PartCutter, PartSender } from './parts.ts'
import { handleOf, type ResumableUpload, uploadOf } from './s3-handle.ts'
import { firstPartBytes, LEAST_PART_BYTES, MOST_PARTS, partBytesAt, partsInFlight } from './s3-part-size.ts'
import { S3States, type UploadState } from './s3-states.ts'
import type { S3Uploads, StoredPart } from './s3-uploads.ts'

/** Where a write stands: its last state, and the parts in the store. */
interface Standing {
  readonly state: UploadState
  /** The number of that state. */
  readonly number: number
  /** Parts of the object: those of the state and, after a torn append, those that follow them without a gap. */
  readonly valid: readonly StoredPart[]
  readonly stored: ReadonlyMap<number, StoredPart>
  readonly partBytes: number
  /** The bytes after the parts: those of the state, unless a part has them by now. */
  readonly tail: Buffer
  readonly offset: number
}

/**
 * Appends to a multipart upload. What does not fill a part is an object of its own, the tail, which the next part begins with.
 * Where a part begins and ends follows from its offset alone, so that one that was taken back is overwritten in its place.
 */
export class S3Resumable implements ResumableWrites {
  #uploads: S3Uploads
  #states: S3States
  #assertIdle: (key: StorageKey) => void

  constructor(uploads: S3Uploads, assertIdle: (key: StorageKey) => void) {
    this.#uploads = uploads
    this.#states = new S3States(uploads.bucket)
    this.#assertIdle = assertIdle
  }

  async begin(key: StorageKey, { size = 0, mimeType }: WriteHints): Promise<UploadHandle> {
    this.#assertIdle(key)
    const options = { writeId: randomUUID(), ...(mimeType !== undefined && { mimeType }) }
    const upload = await this.#uploads.begin(key, options)
    return handleOf({ ...upload, firstPart: firstPartBytes(size, LEAST_PART_BYTES) })
  }

  async append(handle: UploadHandle, at: number, body: Readable): Promise<{ offset: number }> {
    const upload = uploadOf(handle)
    const standing = await this.#standing(upload, await this.#stored(upload))
    if (standing.offset !== at)
      throw new StorageConflict(`append at ${at}, but the offset is ${standing.offset}`)
    // What an append before has added without coming to its end is kept, so that this one can be taken back alone.
    const isTorn = standing.valid.length > standing.state.parts
    const number = isTorn
      ? await this.#states.save(upload, standing.number, stateOf(standing))
      : standing.number
    const cutter = new PartCutter({
      at: standing.partBytes,
      partBytes: offset => partBytesAt(offset, upload.firstPart),
    })
    const sender = new PartSender({
      send: part => this.#uploads.send(upload, part),
      inFlight: partsInFlight,
      firstNumber: standing.valid.length + 1,
      mostParts: MOST_PARTS,
    })
    const broken = await this.#cut({ cutter, sender, pieces: [[standing.tail], body] })
    const after = stand(standing, { sent: sender.sent, tail: cutter.rest })
    if (after.offset !== at) await this.#states.save(upload, number, stateOf(after))
    if (broken) throw broken.error
    return { offset: after.offset }
  }

  async offset(handle: UploadHandle): Promise<number> {
    const upload = uploadOf(handle)
    const [stored, { last }] = await Promise.all([this.#stored(upload), this.#states.numbers(upload)])
    const state = await this.#states.read(upload, last, { tail: false })
    const valid = validParts(state, stored)
    return valid.length > state.parts ? bytesOf(valid) : state.offset
  }

  async rewind(handle: UploadHandle, to: number): Promise<void> {
    const upload = uploadOf(handle)
    const stored = await this.#stored(upload)
    const { last, before } = await this.#states.numbers(upload)
    let state = await this.#states.read(upload, last, { tail: true })
    if (state.offset !== to && before !== null)
      state = await this.#states.read(upload, before, { tail: true })
    if (state.offset !== to) throw new StorageConflict(`back to ${to}, where the last append has not begun`)
    // A new state also where nothing is to be taken back: what a sleeping append still adds follows the old one.
    await this.#states.replace(upload, last, { ...state, void: voidParts(stored, state.parts) })
  }

  async complete(handle: UploadHandle): Promise<{ size: number }> {
    const upload = uploadOf(handle)
    const stored = await this.#uploads.parts(upload)
    if (!stored) return this.#completed(upload)
    const { valid, tail } = await this.#standing(upload, stored)
    if (valid.length === 0) return this.#completeSmall(upload, tail)
    const number = valid.length + 1
    // Some stores want all parts named that there are: one that was taken back is overwritten at least by nothing.
    const last = tail.byteLength > 0 || stored.has(number)
    const parts = last ? [...valid, await this.#uploads.send(upload, { number, bytes: tail })] : valid
    const size = await this.#uploads.complete(upload, parts)
    await this.#uploads.release(upload.key)
    return { size }
  }

  async abort(handle: UploadHandle): Promise<void> {
    let upload: ResumableUpload
    try {
      upload = uploadOf(handle)
    } catch {
      return
    }
    await this.#uploads.abort(upload)
    await this.#uploads.release(upload.key)
  }

  /** Sends the full parts of the pieces; gives the error that a piece broke off with, and throws that of the store. */
  async #cut(work: { cutter: PartCutter; sender: PartSender<StoredPart>; pieces: (Readable | Buffer[])[] }) {
    const { cutter, sender, pieces } = work
    let broken: { error: unknown } | null = null
    try {
      for (const piece of pieces) for await (const part of cutter.cut(piece)) await sender.add(part)
    } catch (error) {
      broken = { error }
    }
    await sender.end()
    return broken
  }

  /** Fewer bytes than a part has are written as one object, which may well be empty. */
  async #completeSmall(upload: ResumableUpload, bytes: Buffer): Promise<{ size: number }> {
    const { bucket } = this.#uploads
    await bucket.putNew(bucket.at(upload.key), bytes, { writeId: upload.writeId })
    await this.#uploads.abort(upload)
    await this.#uploads.release(upload.key)
    return { size: bytes.byteLength }
  }

  /** The answer to a completion that was done before. */
  async #completed(upload: ResumableUpload): Promise<{ size: number }> {
    const found = await this.#uploads.bucket.head(this.#uploads.bucket.at(upload.key))
    if (found?.writeId !== upload.writeId)
      throw new StorageConflict(`no unfinished write of the key ${upload.key}`)
    await this.#uploads.release(upload.key)
    return { size: found.size }
  }

  async #stored(upload: ResumableUpload): Promise<Standing['stored']> {
    const stored = await this.#uploads.parts(upload)
    if (!stored) throw new StorageConflict(`no unfinished write of the key ${upload.key}`)
    return stored
  }

  async #standing(upload: ResumableUpload, stored: Standing['stored']): Promise<Standing> {
    const { last: number } = await this.#states.numbers(upload)
    const state = await this.#states.read(upload, number, { tail: true })
    const valid = validParts(state, stored)
    const tail = valid.length > state.parts ? Buffer.alloc(0) : state.tail
    const partBytes = bytesOf(valid)
    return { state, number, valid, stored, partBytes, tail, offset: partBytes + tail.byteLength }
  }
}

/** The standing after more parts were sent. */
function stand(before: Standing, { sent, tail }: { sent: readonly StoredPart[]; tail: Buffer }): Standing {
  const valid = [...before.valid, ...sent]
  const stored = new Map(before.stored)
  for (const part of sent) stored.set(part.number, part)
  const partBytes = bytesOf(valid)
  return { ...before, valid, stored, tail, partBytes, offset: partBytes + tail.byteLength }
}

function stateOf({ valid, stored, tail, offset }: Standing): UploadState {
  return { parts: valid.length, void: voidParts(stored, valid.length), tail, offset }
}

function validParts(state: UploadState, stored: ReadonlyMap<number, StoredPart>): StoredPart[] {
  const valid: StoredPart[] = []
  for (let number = 1; ; number++) {
    const part = stored.get(number)
    if (number > state.parts && (!part || part.etag === state.void[number])) return valid
    if (!part) throw new Error(`the store has lost part ${number} of an upload`)
    valid.push(part)
  }
}

function voidParts(stored: ReadonlyMap<number, StoredPart>, after: number): Record<number, string> {
  const beyond = [...stored.values()].filter(part => part.number > after)
  return Object.fromEntries(beyond.map(part => [part.number, part.etag]))
}

function bytesOf(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0)
}
