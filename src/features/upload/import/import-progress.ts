import DataLoader from 'dataloader'
import type { Database } from '../../../platform/db/database.ts'

/** How far an import has come. */
export interface Progress {
  /** Bytes of the present attempt. */
  readonly receivedBytes: number
  /** What the server of the URL says; null while it has not said. */
  readonly totalBytes: number | null
  /** How often it was begun. */
  readonly attempts: number
}

/** So often at the most a running import says how far it is. */
const PAUSE_MS = 1_000

/** Notes how far imports have come, and tells it. */
export class ImportProgress {
  /** Many media of one list are one statement; nothing is remembered beyond it. */
  readonly #loader = new DataLoader((ids: readonly string[]) => this.#load(ids), { cache: false })

  constructor(private readonly deps: { readonly database: Database }) {}

  /** Null for a media that waits for no import. Whether it may be seen is asked before. */
  of(mediaId: string): Promise<Progress | null> {
    return this.#loader.load(mediaId)
  }

  /** Another attempt is begun. */
  async begin(mediaId: string, attempt: number): Promise<void> {
    await this.deps.database.query(
      `UPDATE media_import SET attempts = $2, total_bytes = NULL, received_bytes = 0 WHERE media_id = $1`,
      [mediaId, attempt],
    )
  }

  /** Notes what the server has announced; gives what is to be told of each chunk. A note of a chunk that fails is left out. */
  async follow(mediaId: string, totalBytes: number | undefined): Promise<(chunk: Uint8Array) => void> {
    await this.deps.database.query(`UPDATE media_import SET total_bytes = $2 WHERE media_id = $1`, [
      mediaId,
      totalBytes ?? null,
    ])
    let received = 0
    let noted = performance.now()
    return chunk => {
      received += chunk.byteLength
      if (performance.now() - noted < PAUSE_MS) return
      noted = performance.now()
      this.#note(mediaId, received).catch(() => undefined)
    }
  }

  async #note(mediaId: string, received: number): Promise<void> {
    await this.deps.database.query(
      `UPDATE media_import SET received_bytes = greatest(received_bytes, $2) WHERE media_id = $1`,
      [mediaId, received],
    )
  }

  async #load(ids: readonly string[]): Promise<(Progress | null)[]> {
    const rows = await this.deps.database.query<Progress & { id: string }>(
      `SELECT media_id AS id, received_bytes::float8 AS "receivedBytes", total_bytes::float8 AS "totalBytes", attempts
       FROM media_import WHERE media_id = ANY ($1::uuid[])`,
      [ids],
    )
    const byId = new Map(rows.map(({ id, ...progress }) => [id, progress]))
    return ids.map(id => byId.get(id) ?? null)
  }
}
