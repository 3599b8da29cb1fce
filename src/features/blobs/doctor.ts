import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { Sql } from '../../platform/db/database.ts'
import type { ObjectRef, Storage } from '../../platform/storage/storage.ts'

/** What the doctor proves; the numbers are those of the write protocol. */
export const INVARIANTS = {
  I1: 'Each live blob has its object, equal in size and SHA-256, and an owner.',
  I2: 'Each object in a store has a row.',
  I6: "Each account's used and reserved bytes are the sums over its blobs.",
  I11: 'Staging and temp folders hold nothing but what is under way.',
  I13: 'Each media counts its open legal holds right, and no bytes of a held media are doomed.',
} as const satisfies Record<string, string>

export interface Finding {
  readonly invariant: keyof typeof INVARIANTS
  /** What is wrong, with the id, key or path that it is wrong with. */
  readonly message: string
}

export interface Report {
  readonly checked: {
    readonly blobs: number
    readonly objects: number
    readonly accounts: number
    readonly bytesHashed: number
  }
  /** Broken-off uploads that the reaper will clear: no breach. */
  readonly awaitingReaper: number
  readonly findings: readonly Finding[]
}

export interface DoctorDeps {
  readonly database: Sql
  readonly storage: Storage
  /** Temp folders whose process is gone. */
  readonly abandonedTempFolders: () => Promise<readonly string[]>
}

interface LiveBlob extends ObjectRef {
  readonly id: string
  readonly size: number
  readonly sha256: string
  readonly owned: boolean
}

const BATCH = 500

/**
 * Compares database and store from both sides, also beside a running gateway: what changes under its hands is looked at
 * again before it is reported. Changes nothing.
 */
export class Doctor {
  constructor(private readonly deps: DoctorDeps) {}

  /** `quick` compares sizes only and reads no bytes. `onProgress` hears of every batch. */
  async examine(options: { quick?: boolean; onProgress?: (message: string) => void } = {}): Promise<Report> {
    const findings: Finding[] = []
    const checked = { blobs: 0, objects: 0, accounts: 0, bytesHashed: 0 }
    for await (const blobs of this.#liveBlobs()) {
      for (const blob of blobs) {
        const message = await this.#wrongWith(blob, options.quick ?? false)
        if (message && (await this.#isStillLive(blob.id))) findings.push({ invariant: 'I1', message })
        if (!options.quick) checked.bytesHashed += blob.size
      }
      checked.blobs += blobs.length
      options.onProgress?.(`${checked.blobs} blobs compared with the store`)
    }
    for (const storeId of this.deps.storage.storeIds) {
      for await (const keys of inBatches(this.deps.storage.list(storeId))) {
        findings.push(...(await this.#strangers(storeId, keys)))
        checked.objects += keys.length
        options.onProgress?.(`${checked.objects} objects compared with the database`)
      }
      findings.push(...(await this.#leftovers(storeId)))
    }
    checked.accounts = await this.#count('account')
    findings.push(...(await this.#wrongSums()), ...(await this.#wrongHolds()))
    for (const folder of await this.deps.abandonedTempFolders()) {
      findings.push({ invariant: 'I11', message: `temp folder ${folder} belongs to no running process` })
    }
    return { checked, awaitingReaper: await this.#awaitingReaper(), findings }
  }

  async *#liveBlobs(): AsyncGenerator<LiveBlob[]> {
    for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
      const blobs = await this.deps.database.query<LiveBlob>(
        `SELECT id, store_id AS "storeId", key, size::float8 AS size, sha256,
                (EXISTS (SELECT 1 FROM media_version v WHERE v.blob_id = b.id)
                 OR EXISTS (SELECT 1 FROM variant x WHERE x.blob_id = b.id)) AS owned
         FROM blob b WHERE state = 'live' AND id > $1 ORDER BY id LIMIT ${BATCH}`,
        [after],
      )
      const last = blobs.at(-1)
      if (!last) return
      yield blobs
      after = last.id
    }
  }

  async #wrongWith(blob: LiveBlob, quick: boolean): Promise<string | null> {
    const stored = await this.deps.storage.stat(blob)
    if (!stored) return `blob ${blob.id}: the store ${blob.storeId} has no object ${blob.key}`
    if (stored.size !== blob.size)
      return `blob ${blob.id}: ${blob.key} has ${stored.size} bytes instead of ${blob.size}`
    if (!blob.owned) return `blob ${blob.id}: it is live, and no media and no variant is made of it`
    if (quick) return null
    const hash = createHash('sha256')
    const body = await this.deps.storage.read(blob)
    if (!body) return `blob ${blob.id}: the store ${blob.storeId} has no object ${blob.key}`
    await pipeline(body, hash)
    const sha256 = hash.digest('hex')
    return sha256 === blob.sha256
      ? null
      : `blob ${blob.id}: ${blob.key} has SHA-256 ${sha256} instead of ${blob.sha256}`
  }

  async #isStillLive(id: string): Promise<boolean> {
    return (
      (await this.deps.database.query(`SELECT 1 FROM blob WHERE id = $1 AND state = 'live'`, [id])).length > 0
    )
  }

  /** Objects without a row. A row is made before its object and goes after it, so that none is missing meanwhile. */
  async #strangers(storeId: string, keys: readonly string[]): Promise<Finding[]> {
    const rows = await this.deps.database.query<{ key: string }>(
      `SELECT key FROM blob WHERE store_id = $1 AND key = ANY ($2)`,
      [storeId, keys],
    )
    const known = new Set(rows.map(row => row.key))
    const findings: Finding[] = []
    for (const key of keys.filter(candidate => !known.has(candidate))) {
      if (!(await this.deps.storage.stat({ storeId, key }))) continue
      findings.push({ invariant: 'I2', message: `object ${key} in the store ${storeId} has no row` })
    }
    return findings
  }

  async #leftovers(storeId: string): Promise<Finding[]> {
    const findings: Finding[] = []
    for await (const keys of inBatches(this.deps.storage.listUnfinished(storeId))) {
      const rows = await this.deps.database.query<{ key: string }>(
        `SELECT key FROM blob WHERE store_id = $1 AND key = ANY ($2) AND state IN ('staged', 'doomed')`,
        [storeId, keys],
      )
      const known = new Set(rows.map(row => row.key))
      for (const key of keys.filter(candidate => !known.has(candidate))) {
        findings.push({
          invariant: 'I11',
          message: `unfinished write of ${key} in the store ${storeId} belongs to no upload`,
        })
      }
    }
    return findings
  }

  async #wrongSums(): Promise<Finding[]> {
    const rows = await this.deps.database.query<
      Record<'id' | 'used' | 'reserved' | 'size' | 'staged', string>
    >(
      `SELECT a.id, a.used_bytes AS used, a.reserved_bytes AS reserved,
              coalesce(sum(b.size), 0) AS size, coalesce(sum(b.reserved_bytes), 0) AS staged
       FROM account a LEFT JOIN blob b ON b.account_id = a.id GROUP BY a.id
       HAVING a.used_bytes <> coalesce(sum(b.size), 0) OR a.reserved_bytes <> coalesce(sum(b.reserved_bytes), 0)`,
    )
    return rows.map(row => ({
      invariant: 'I6',
      message: `account ${row.id}: used ${row.used}, blobs hold ${row.size}; reserved ${row.reserved}, blobs reserve ${row.staged}`,
    }))
  }

  async #wrongHolds(): Promise<Finding[]> {
    const counts = await this.deps.database.query<Record<'id' | 'counted' | 'open', string>>(
      `SELECT m.id, m.open_holds AS counted, coalesce(h.open, 0) AS open
       FROM media m LEFT JOIN (SELECT media_id, count(*) AS open FROM legal_hold
                               WHERE released_at IS NULL GROUP BY media_id) h ON h.media_id = m.id
       WHERE m.open_holds <> coalesce(h.open, 0)`,
    )
    const doomed = await this.deps.database.query<Record<'id' | 'blob', string>>(
      `SELECT m.id, b.id AS blob FROM blob b JOIN media_version v ON v.blob_id = b.id JOIN media m ON m.id = v.media_id
       WHERE b.state = 'doomed' AND m.open_holds > 0`,
    )
    return [
      ...counts.map(
        row => `media ${row.id}: counts ${row.counted} open legal holds, and there are ${row.open}`,
      ),
      ...doomed.map(row => `media ${row.id}: is under legal hold, and its blob ${row.blob} is doomed`),
    ].map(message => ({ invariant: 'I13', message }))
  }

  async #awaitingReaper(): Promise<number> {
    return this.#count(
      `blob WHERE (state = 'staged' AND lease_until < clock_timestamp()) OR state = 'doomed'`,
    )
  }

  async #count(what: string): Promise<number> {
    const [row] = await this.deps.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${what}`)
    return row?.n ?? 0
  }
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
