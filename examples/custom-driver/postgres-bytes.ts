/**
 * A storage driver from outside the gateway: bytes in a table of PostgreSQL, for who wants one thing to back up and has files of some
 * megabytes. `STORAGE_URL=pgbytes:postgres://…`, with `STORAGE_DRIVERS=pgbytes=./examples/custom-driver/postgres-bytes.ts`.
 */
import { addAbortSignal, Readable } from 'node:stream'
import { StorageConflict, type StorageDriver, storageKey } from 'media-gateway'
import pg from 'pg'

const CHUNK_BYTES = 1_048_576
const TABLES = `
  CREATE TABLE IF NOT EXISTS stored_object (
    key text COLLATE "C" PRIMARY KEY, size bigint, written_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS stored_chunk (
    key text COLLATE "C" REFERENCES stored_object ON DELETE CASCADE, at bigint, bytes bytea NOT NULL, PRIMARY KEY (key, at));`

/** Throws for what is no URL of PostgreSQL. */
export function checkUrl(url: string): void {
  if (!/^pgbytes:postgres(ql)?:\/\/./.test(url))
    throw new Error('allowed is: pgbytes:postgres://HOST/DATABASE')
}

/** Opens the store, and makes its two tables where they are missing. */
export async function openDriver(url: string): Promise<StorageDriver> {
  const pool = new pg.Pool({ connectionString: url.slice('pgbytes:'.length), max: 20 })
  pool.on('error', () => undefined)
  // Two nodes that start at once would both make them.
  await pool.query(`BEGIN; SELECT pg_advisory_xact_lock(7001); ${TABLES} COMMIT`)

  async function* keys(condition: string, parameters: readonly string[] = []) {
    for (let after = ''; ; ) {
      const text = `SELECT key FROM stored_object WHERE key > $1 AND ${condition} ORDER BY key LIMIT 1000`
      const { rows } = await pool.query<{ key: string }>(text, [after, ...parameters])
      for (const { key } of rows) yield storageKey(key)
      after = rows.at(-1)?.key ?? after
      if (rows.length < 1000) return
    }
  }

  const driver: StorageDriver = {
    name: 'pgbytes',
    async write(key, body, { signal }) {
      signal?.throwIfAborted()
      // A row without a size is an unfinished object; the key of one that is there, whole or not, is taken.
      const claim = 'INSERT INTO stored_object (key) VALUES ($1) ON CONFLICT DO NOTHING'
      if ((await pool.query(claim, [key])).rowCount === 0)
        throw new StorageConflict(`the key ${key} is taken`)
      try {
        if (signal) addAbortSignal(signal, body)
        let [waiting, size, stored]: [Buffer[], number, number] = [[], 0, 0]
        const flush = async () => {
          const row = [key, stored, Buffer.concat(waiting)]
          await pool.query('INSERT INTO stored_chunk VALUES ($1, $2, $3)', row)
          stored = size
          waiting = []
        }
        for await (const piece of body as AsyncIterable<Buffer>) {
          waiting.push(piece)
          size += piece.byteLength
          if (size - stored >= CHUNK_BYTES) await flush()
        }
        if (size > stored) await flush()
        signal?.throwIfAborted()
        const done = 'UPDATE stored_object SET size = $2, written_at = now() WHERE key = $1'
        if ((await pool.query(done, [key, size])).rowCount === 1) return { size }
        throw new StorageConflict(`the write of the key ${key} was removed meanwhile`)
      } catch (error) {
        await driver.delete(key).catch(() => undefined)
        throw error
      }
    },
    async read(key, range) {
      const found = await driver.stat(key)
      const { start, end } = range ?? { start: 0, end: (found?.size ?? 0) - 1 }
      return found && Readable.from(bytesOf(key, start, end), { highWaterMark: 1 })
    },
    async stat(key) {
      const text = 'SELECT size::float8, written_at FROM stored_object WHERE key = $1 AND size IS NOT NULL'
      const [row] = (await pool.query(text, [key])).rows
      return row ? { size: row.size, modifiedAt: row.written_at } : null
    },
    delete: async key => void (await pool.query('DELETE FROM stored_object WHERE key = $1', [key])),
    list: prefix => keys('size IS NOT NULL AND starts_with(key, $2)', [prefix]),
    listUnfinished: () => keys('size IS NULL'),
    check: async () => void (await pool.query('SELECT 1')),
    close: () => pool.end(),
  }

  async function* bytesOf(key: string, start: number, end: number): AsyncGenerator<Buffer> {
    const text = `SELECT substr(bytes, ($2 - at + 1)::int, least($3, 1073741823)::int) AS bytes
      FROM stored_chunk WHERE key = $1 AND at <= $2::bigint ORDER BY at DESC LIMIT 1`
    for (let at = start; at <= end; ) {
      const [row] = (await pool.query(text, [key, at, end - at + 1])).rows
      if (!row?.bytes.byteLength) throw new Error(`the object ${key} was removed while it was read`)
      yield row.bytes
      at += row.bytes.byteLength
    }
  }
  return driver
}
