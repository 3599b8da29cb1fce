import { addAbortSignal, type Readable } from 'node:stream'
import { StorageConflict, type WriteHints } from '../driver.ts'
import type { StorageKey } from '../key.ts'

export interface WriteTarget {
  readonly key: StorageKey
  readonly hints: WriteHints
  /** Throws when the write may not become an object any more. */
  readonly assertWanted: () => void
}

/** One write of a whole object to a store of objects. */
export interface ObjectWrite {
  /** Writes the body and gives its size. What it leaves when it rejects, `undo` removes. */
  store(body: Readable): Promise<number>
  /** Removes what this write has left, and nothing that another one has. */
  undo(): Promise<void>
}

/**
 * The writes of this process that have not ended. A small body is nowhere but in memory until its only request is sent: what a store of
 * objects cannot tell of it is told from here.
 */
export class RunningWrites {
  readonly #running = new Map<StorageKey, { removed: boolean }>()

  keys(): Iterable<StorageKey> {
    return this.#running.keys()
  }

  /** Throws StorageConflict while the key is being written. */
  assertIdle(key: StorageKey): void {
    if (this.#running.has(key)) throw new StorageConflict(`the key ${key} is being written`)
  }

  /** Keeps the write of a key, if there is one, from becoming an object. */
  remove(key: StorageKey): void {
    const running = this.#running.get(key)
    if (running) running.removed = true
  }

  /** As `StorageDriver.write`, once `assertFree` has found the key free at the store. */
  async run(
    { key, hints }: Pick<WriteTarget, 'key' | 'hints'>,
    body: Readable,
    { assertFree, begin }: { assertFree(): Promise<void>; begin(target: WriteTarget): ObjectWrite },
  ): Promise<{ size: number }> {
    const { signal } = hints
    signal?.throwIfAborted()
    this.assertIdle(key)
    const running = { removed: false }
    this.#running.set(key, running)
    const assertWanted = () => {
      signal?.throwIfAborted()
      if (running.removed) throw new StorageConflict(`the write of the key ${key} was removed meanwhile`)
    }
    const write = begin({ key, hints, assertWanted })
    try {
      if (signal) addAbortSignal(signal, body)
      await assertFree()
      const size = await write.store(body)
      assertWanted()
      return { size }
    } catch (error) {
      // Should this fail too, the caller deletes the key later.
      await write.undo().catch(() => undefined)
      throw error
    } finally {
      this.#running.delete(key)
    }
  }
}
