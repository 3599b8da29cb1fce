/**
 * What the gateway and an isolated process say to each other: frames of a length (4 bytes, big-endian), a kind (1 byte) and so many
 * bytes. Run by Node itself in the process: erasable TypeScript only.
 */
const HEADER_BYTES = 5

/** Longest payload of one frame. */
export const LONGEST_FRAME = 1024 * 1024

/** `task` and `given` go to the process, `read`, `made`, `done` and `failed` come from it; all but `given` and `made` are JSON. */
export const FRAME_KINDS = ['task', 'given', 'read', 'made', 'done', 'failed'] as const
export type FrameKind = (typeof FRAME_KINDS)[number]

export interface Frame {
  readonly kind: FrameKind
  readonly payload: Buffer
}

/** The bytes before a payload. */
export function frameHeader(kind: FrameKind, bytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(bytes)
  header.writeUInt8(FRAME_KINDS.indexOf(kind), 4)
  return header
}

export const jsonFrame = (kind: FrameKind, value: unknown): Buffer => {
  const payload = Buffer.from(JSON.stringify(value))
  return Buffer.concat([frameHeader(kind, payload.length), payload])
}

/** A large payload in as many frames as it takes. */
export function* bytesFrames(kind: FrameKind, bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += LONGEST_FRAME) {
    const part = bytes.subarray(at, at + LONGEST_FRAME)
    yield frameHeader(kind, part.length)
    yield part
  }
}

/** Puts frames together from the chunks of a pipe. Throws for what is none. */
export class FrameReader {
  #header = Buffer.alloc(HEADER_BYTES)
  #headerFilled = 0
  #kind: FrameKind = 'task'
  #payload: Buffer | null = null
  #payloadFilled = 0;

  *push(chunk: Buffer): Generator<Frame> {
    for (let at = 0; at < chunk.length || this.#isWhole(); ) {
      if (this.#payload === null) {
        const copied = chunk.copy(this.#header, this.#headerFilled, at)
        at += copied
        this.#headerFilled += copied
        if (this.#headerFilled < HEADER_BYTES) return
        this.#begin()
        continue
      }
      const copied = chunk.copy(this.#payload, this.#payloadFilled, at)
      at += copied
      this.#payloadFilled += copied
      if (!this.#isWhole()) return
      const frame = { kind: this.#kind, payload: this.#payload }
      this.#payload = null
      this.#payloadFilled = this.#headerFilled = 0
      yield frame
    }
  }

  #begin(): void {
    const bytes = this.#header.readUInt32BE()
    const kind = FRAME_KINDS[this.#header.readUInt8(4)]
    if (kind === undefined || bytes > LONGEST_FRAME) throw new Error('this is no frame')
    this.#kind = kind
    this.#payload = Buffer.allocUnsafeSlow(bytes)
  }

  #isWhole(): boolean {
    return this.#payload !== null && this.#payloadFilled === this.#payload.length
  }
}
