import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { StorageDriver } from '../driver.ts'
import { type StorageKey, storageKey } from '../key.ts'

/** A store of its own for one test, empty. */
export interface StoreUnderTest {
  readonly driver: StorageDriver
  /** A second driver over the same store, as another node has it. */
  another(): Promise<StorageDriver>
  /** Descriptors, sockets or the like that are open now, where they can be counted. */
  openResources?(): Promise<number>
  /** Closes the drivers and removes the store. */
  dispose(): Promise<void>
}

let keys = 0
/** A key that no other test uses. */
export function freshKey(): StorageKey {
  keys += 1
  return storageKey(`ab/cd/object-${keys}`)
}

/** A body of these bytes in chunks of the given size. */
export function bodyOf(bytes: Uint8Array, chunk = 65_536): Readable {
  const chunks = Math.ceil(bytes.byteLength / chunk)
  return Readable.from(Array.from({ length: chunks }, (_, n) => bytes.subarray(n * chunk, (n + 1) * chunk)))
}

/** A body that gives these bytes and then breaks with the error. */
export function brokenBody(bytes: Uint8Array, error: Error): Readable {
  return Readable.from(
    (async function* () {
      yield* bodyOf(bytes)
      throw error
    })(),
  )
}

export async function bytesOf(
  driver: StorageDriver,
  key: StorageKey,
  range?: { start: number; end: number },
) {
  const stream = await driver.read(key, range)
  return stream && buffer(stream)
}

export async function all(keys: AsyncIterable<StorageKey>): Promise<string[]> {
  return (await Array.fromAsync(keys)).sort()
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
