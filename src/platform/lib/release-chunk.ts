/**
 * Gives the memory of a chunk back at once, not at some garbage collection: it is empty afterwards. Only for who is its last
 * user. V8 collects the whole heap for every 64 MiB of buffers, and a stream of gigabytes would spend most of its time on
 * that, and hold as much. A chunk that is only a part of a larger buffer is left to the collector.
 */
export function releaseChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

const used = new WeakMap<ArrayBuffer, number>()

/** As `releaseChunk`, for pieces that a parser cut out of one buffer: given back when each of its bytes was in a piece. */
export function releasePiece({ buffer, byteLength }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer)) return
  const sum = (used.get(buffer) ?? 0) + byteLength
  if (sum === buffer.byteLength) buffer.transfer(0)
  else used.set(buffer, sum)
}
