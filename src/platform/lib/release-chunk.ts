/**
 * Gives the memory of a chunk back at once, not at some garbage collection: it is empty afterwards. Only for who is its last
 * user. V8 collects the whole heap for every 64 MiB of buffers, and a stream of gigabytes would spend most of its time on
 * that. A chunk that is only a part of a larger buffer is left to the collector.
 */
export function releaseChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
