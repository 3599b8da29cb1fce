import { isCheckpointKey } from '../../../platform/audit/checkpoint-key.ts'
import type { Sql } from '../../../platform/db/database.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import { isEpochKey } from '../epochs/store-epochs.ts'
import type { Sighting } from './findings.ts'

const BATCH = 500

/** What the gateway keeps in a store beside blobs. */
const isOurOwn = (key: string): boolean => isEpochKey(key) || isCheckpointKey(key)

/** Compares the objects of stores with the rows of blobs. Changes nothing. */
export class Objects {
  constructor(private readonly deps: { readonly database: Sql; readonly storage: Storage }) {}

  /** Batch by batch, how many objects there are below `prefix` and which of them no row, or a row of another store, knows. */
  async *strangers(storeId: string, prefix = ''): AsyncGenerator<{ count: number; sightings: Sighting[] }> {
    for await (const keys of inBatches(this.#blobKeys(storeId, prefix))) {
      const rows = await this.#rowsOf(keys)
      const sightings: Sighting[] = []
      for (const key of keys) {
        if (rows.get(key)?.storeId === storeId) continue
        // A row is made before its object and goes after it: one that is gone by now was removed as it should be.
        const stored = await this.deps.storage.stat({ storeId, key })
        if (stored)
          sightings.push(stranger({ storeId, key, modifiedAt: stored.modifiedAt, row: rows.get(key) }))
      }
      yield { count: keys.length, sightings }
    }
  }

  /** Unfinished writes that are no upload's. */
  async leftovers(storeId: string): Promise<Sighting[]> {
    const first = await this.#leftovers(storeId)
    if (first.length === 0) return []
    // A write that was finished between the list and the question for its row is none.
    const still = new Set<string>()
    for await (const key of this.deps.storage.listUnfinished(storeId)) still.add(key)
    return first.filter(({ subject }) => still.has(subject))
  }

  /** Whether nothing is known of a key, which then nobody can make a row of any more: ids are never used twice. */
  async isStranger(key: string): Promise<boolean> {
    return (await this.#rowsOf([key])).size === 0
  }

  async *#blobKeys(storeId: string, prefix: string): AsyncGenerator<string> {
    for await (const key of this.deps.storage.list(storeId, prefix)) if (!isOurOwn(key)) yield key
  }

  async #leftovers(storeId: string): Promise<Sighting[]> {
    const found: Sighting[] = []
    for await (const keys of inBatches(this.deps.storage.listUnfinished(storeId))) {
      const rows = await this.#rowsOf(keys)
      for (const key of keys) {
        const state = rows.get(key)?.state
        // Of an epoch or a checkpoint what is left goes with the next ones.
        if (state === 'staged' || state === 'doomed' || isOurOwn(key)) continue
        found.push({
          code: state === undefined ? 'unfinished-without-row' : 'unfinished-left',
          store: storeId,
          subject: key,
          age: ageOfKey(key),
          message: `unfinished write of ${key} in the store ${storeId} belongs to no upload`,
        })
      }
    }
    return found
  }

  async #rowsOf(keys: readonly string[]): Promise<Map<string, { storeId: string; state: string }>> {
    const rows = await this.deps.database.query<{ key: string; storeId: string; state: string }>(
      `SELECT key, store_id AS "storeId", state FROM blob WHERE key = ANY ($1)`,
      [keys],
    )
    return new Map(rows.map(row => [row.key, row]))
  }
}

interface Stranger {
  readonly storeId: string
  readonly key: string
  readonly modifiedAt: Date
  readonly row: { readonly storeId: string } | undefined
}

function stranger({ storeId, key, modifiedAt, row }: Stranger): Sighting {
  if (row)
    return {
      code: 'object-elsewhere',
      store: storeId,
      subject: key,
      message: `object ${key} in the store ${storeId}: its row says that it lies in ${row.storeId}`,
    }
  return {
    code: 'object-without-row',
    store: storeId,
    subject: key,
    // Copies may keep the time of what they were made of, and keys tell when their blob was announced: the later one counts.
    age: Math.min(Date.now() - modifiedAt.getTime(), ageOfKey(key) ?? Number.POSITIVE_INFINITY),
    message: `object ${key} in the store ${storeId} has no row`,
  }
}

/** Milliseconds since the id of a blob's key was made (RFC 9562, 5.7); undefined for a key of another form. */
function ageOfKey(key: string): number | undefined {
  const [, high, low] =
    /(?:^|\/)([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.exec(key) ?? []
  return high && low ? Date.now() - Number.parseInt(high + low, 16) : undefined
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    if (batch.push(item) < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
