import { pipeline, type Readable, Transform } from 'node:stream'
import { applyTo, type Patch } from './redaction/patch.ts'

/** The bytes from byte `start` of the file on, with the patches written over them. The chunks of `bytes` must be the caller's alone. */
export function redactedBytes(bytes: Readable, start: number, patches: readonly Patch[]): Readable {
  let at = start
  let next = patches.findIndex(({ offset, length }) => offset + length > start)
  if (next < 0) return bytes
  // One chunk at a time: a reader that finds several waiting would be given a copy of them in one.
  const rewritten = new Transform({
    highWaterMark: 1,
    transform(chunk: Buffer, _encoding, done) {
      const end = at + chunk.length
      for (let n = next; n < patches.length; n++) {
        const patch = patches[n] as Patch
        if (patch.offset >= end) break
        applyTo(chunk, at, patch)
        if (patch.offset + patch.length <= end) next = n + 1
      }
      at = end
      done(null, chunk)
    },
  })
  // An error goes to whoever reads; leaving closes the store's stream.
  pipeline(bytes, rewritten, () => undefined)
  return rewritten
}
