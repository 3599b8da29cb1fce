import { createHash } from 'node:crypto'
import type { Sql } from '../../../platform/db/database.ts'
import type { Pace } from '../../../platform/lib/pace.ts'
import type { ObjectRef, Storage } from '../../../platform/storage/storage.ts'
import type { Sighting } from './findings.ts'

/** A blob whose object should be there (`live`), or may be there again (`lost`). */
export interface KeptBlob extends ObjectRef {
  readonly id: string
  readonly state: 'live' | 'lost'
  readonly size: number
  readonly sha256: string
  readonly owned: boolean
}

export interface Look {
  /** Whether all bytes are read and their SHA-256 compared. */
  readonly hash: boolean
  readonly pace?: Pace
  readonly signal?: AbortSignal
  /** Told of the bytes as they are read. */
  readonly onBytes?: (count: number) => void
}

const KEPT_COLUMNS = `id, store_id AS "storeId", key, state, size::float8 AS size, sha256,
  (EXISTS (SELECT 1 FROM media_version v WHERE v.blob_id = b.id)
   OR EXISTS (SELECT 1 FROM variant x WHERE x.blob_id = b.id)) AS owned`
const BATCH = 500
export const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** Compares the rows of blobs with their objects. Changes nothing. */
export class Contents {
  constructor(private readonly deps: { readonly database: Sql; readonly storage: Storage }) {}

  /** The blobs of a store that are live or lost, in the order of their ids, after the given one. */
  async *blobs(storeId: string, after = FIRST_ID): AsyncGenerator<KeptBlob[]> {
    for (let last = after; ; ) {
      const blobs = await this.deps.database.query<KeptBlob>(
        `SELECT ${KEPT_COLUMNS} FROM blob b
         WHERE store_id = $1 AND state IN ('live', 'lost') AND id > $2 ORDER BY id LIMIT ${BATCH}`,
        [storeId, last],
      )
      if (blobs.length === 0) return
      yield blobs
      last = blobs.at(-1)?.id ?? last
    }
  }

  /** So many live blobs, any of them as likely as another, in any order: who stops early has read no part rather than another. */
  async sample(storeId: string, count: number): Promise<KeptBlob[]> {
    return this.deps.database.query(
      `SELECT ${KEPT_COLUMNS} FROM blob b
       WHERE id IN (SELECT id FROM blob WHERE store_id = $1 AND state = 'live' ORDER BY random() LIMIT $2)
       ORDER BY random()`,
      [storeId, count],
    )
  }

  async find(blobId: string): Promise<KeptBlob | null> {
    const [blob] = await this.deps.database.query<KeptBlob>(
      `SELECT ${KEPT_COLUMNS} FROM blob b WHERE id = $1 AND state IN ('live', 'lost')`,
      [blobId],
    )
    return blob ?? null
  }

  async countLive(storeId: string): Promise<number> {
    const [row] = await this.deps.database.query<{ n: number }>(
      `SELECT count(*)::float8 AS n FROM blob WHERE store_id = $1 AND state = 'live'`,
      [storeId],
    )
    return row?.n ?? 0
  }

  /**
   * What is wrong with a blob and its object; null when it is in order, or when it was deleted meanwhile. Rejects with
   * STORAGE_UNAVAILABLE when the store as a whole cannot be used, and with the signal's reason.
   */
  async wrongWith(blob: KeptBlob, look: Look): Promise<Sighting | null> {
    const seen = await this.#see(blob, look)
    if (!seen) return null
    // What was deleted or replaced under our hands is none of it.
    const now = await this.find(blob.id)
    return now?.state === blob.state ? { store: blob.storeId, subject: blob.id, ...seen } : null
  }

  async #see(blob: KeptBlob, look: Look): Promise<Pick<Sighting, 'code' | 'message'> | null> {
    try {
      const stored = await this.deps.storage.stat(blob)
      if (blob.state === 'lost')
        return stored?.size === blob.size && look.hash ? await this.#back(blob, look) : null
      if (!stored) return missing(blob)
      if (stored.size !== blob.size)
        return {
          code: 'object-wrong-size',
          message: `blob ${blob.id}: ${blob.key} has ${stored.size} bytes instead of ${blob.size}`,
        }
      if (!blob.owned)
        return {
          code: 'blob-unowned',
          message: `blob ${blob.id}: it is live, and no media and no variant is made of it`,
        }
      return look.hash ? await this.#differs(blob, look) : null
    } catch (error) {
      look.signal?.throwIfAborted()
      // One bad sector is a finding, a store that is away is none.
      await this.deps.storage.check(blob.storeId)
      if (!isFailureOfStore(error)) throw error
      if (blob.state === 'lost') return null
      return {
        code: 'object-unreadable',
        message: `blob ${blob.id}: the store ${blob.storeId} works, and cannot read ${blob.key}: ${causeOf(error)}`,
      }
    }
  }

  async #differs(blob: KeptBlob, look: Look): Promise<Pick<Sighting, 'code' | 'message'> | null> {
    const first = await this.#hash(blob, look)
    if (first === blob.sha256) return null
    // Memory and networks err, too: an alarm is raised of what is read wrong twice.
    const second = first === null ? null : await this.#hash(blob, look)
    if (second === null) return missing(blob)
    if (second === blob.sha256) return null
    return {
      code: 'object-wrong-content',
      message: `blob ${blob.id}: ${blob.key} has SHA-256 ${second} instead of ${blob.sha256}`,
    }
  }

  async #back(blob: KeptBlob, look: Look): Promise<Pick<Sighting, 'code' | 'message'> | null> {
    if ((await this.#hash(blob, look)) !== blob.sha256) return null
    return {
      code: 'object-back',
      message: `blob ${blob.id}: it is lost, and ${blob.key} is there again, whole`,
    }
  }

  /** Lower-case hex; null when there is no object. */
  async #hash(blob: KeptBlob, { pace, signal, onBytes }: Look): Promise<string | null> {
    const body = await this.deps.storage.read(blob)
    if (!body) return null
    const hash = createHash('sha256')
    // Leaving the loop early destroys the stream, and closes what it has open.
    for await (const chunk of body) {
      hash.update(chunk)
      onBytes?.(chunk.length)
      if (pace) await pace.take(chunk.length, signal)
      else signal?.throwIfAborted()
    }
    return hash.digest('hex')
  }
}

const missing = (blob: KeptBlob): Pick<Sighting, 'code' | 'message'> => ({
  code: 'object-missing',
  message: `blob ${blob.id}: the store ${blob.storeId} has no object ${blob.key}`,
})

/** The store's own refusal, or a stream of it that broke off; anything else is a fault of ours. */
const isFailureOfStore = (error: unknown): boolean => (error as { code?: unknown } | null)?.code !== undefined

function causeOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  const root = cause instanceof Error ? cause : error
  return root instanceof Error ? root.message : String(root)
}
