import { sniffType } from './sniff-type.ts'
import type { SniffedType, TypeHints } from './sniffed-type.ts'

/**
 * As much of a file as is looked at, in bytes. 4 100 would do for most signatures; an Office file is told by the names of its
 * parts, and the parts before the telling one take some 10 KiB.
 */
export const SNIFFED_BYTES = 64 * 1024

/** Learns a file's type while its bytes flow by. */
export interface Sniffer {
  /** Copies what it needs of the chunk; costs nothing once it has enough. */
  push(chunk: Uint8Array): void
  /** Says that no more bytes follow. */
  end(): void
  /** Resolves when enough was pushed or the end was said, and never rejects. */
  readonly type: Promise<SniffedType>
}

/** A sniffer that holds at most `SNIFFED_BYTES` of one file, until its type is known. */
export function createSniffer(hints: TypeHints): Sniffer {
  // Copied: a kept slice of each small chunk would keep the whole network buffer behind it alive.
  let head: Buffer | null = null
  let filled = 0
  let done = false
  let resolve: (type: Promise<SniffedType>) => void
  const type = new Promise<SniffedType>(settle => {
    resolve = settle
  })

  function finish(whole: boolean): void {
    if (done) return
    done = true
    const bytes = head?.subarray(0, filled) ?? Buffer.alloc(0)
    head = null
    resolve(sniffType({ bytes, whole }, hints))
  }

  return {
    type,
    push(chunk) {
      if (done) return
      head ??= Buffer.allocUnsafe(SNIFFED_BYTES)
      const taken = chunk.subarray(0, SNIFFED_BYTES - filled)
      head.set(taken, filled)
      filled += taken.length
      // Only a byte that has no place any more tells that the head is not the whole file.
      if (taken.length < chunk.length) finish(false)
    },
    end: () => finish(true),
  }
}
