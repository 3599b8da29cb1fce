import { createHash, type Hash } from 'node:crypto'
import type { TypeHints } from '../sniff/sniffed-type.ts'
import { createSniffer, type Sniffer } from '../sniff/sniffer.ts'

/** What this node has seen of an upload from its first byte on. */
export interface RunningHash {
  readonly hash: Hash
  readonly sniffer: Sniffer
}

const MOST = 1_000

/**
 * Hashes of uploads that this node has served from the start. They are a short cut and nothing else: where one is missing, or has
 * not come as far as the store, the bytes are read once more.
 */
export class RunningHashes {
  readonly #known = new Map<string, RunningHash & { readonly at: number }>()

  /** What has seen exactly the first `at` bytes, and is now the caller's; null where there is none. */
  take(id: string, at: number, hints: TypeHints): RunningHash | null {
    const known = this.#known.get(id)
    this.#known.delete(id)
    if (at === 0) return { hash: createHash('sha256'), sniffer: createSniffer(hints) }
    return known?.at === at ? known : null
  }

  /** Gives it back, as far as it has come; the ones that nobody has asked for longest go first. */
  put(id: string, { hash, sniffer }: RunningHash, at: number): void {
    const [eldest] = this.#known.keys()
    if (this.#known.size >= MOST && eldest !== undefined) this.#known.delete(eldest)
    this.#known.set(id, { hash, sniffer, at })
  }

  forget(id: string): void {
    this.#known.delete(id)
  }
}
