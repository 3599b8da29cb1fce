import DataLoader from 'dataloader'
import type { Sql } from '../../platform/db/database.ts'

type Metadata = Record<string, unknown>

/** All that files tell, up to 64 KiB of each: read where it is asked for, and with no other row of a media. */
export class TechnicalMetadata {
  /** Many media of one list are one statement; nothing is remembered beyond it. */
  readonly #loader = new DataLoader((ids: readonly string[]) => this.#load(ids), { cache: false })

  constructor(private readonly deps: { readonly database: Sql }) {}

  /** Null until the media was looked at. Whether it may be seen is asked before. */
  of(mediaId: string): Promise<Metadata | null> {
    return this.#loader.load(mediaId)
  }

  async #load(ids: readonly string[]): Promise<(Metadata | null)[]> {
    const rows = await this.deps.database.query<{ readonly id: string; readonly metadata: Metadata | null }>(
      `SELECT id, technical_metadata AS metadata FROM media WHERE id = ANY ($1::uuid[])`,
      [ids],
    )
    const byId = new Map(rows.map(({ id, metadata }) => [id, metadata]))
    return ids.map(id => byId.get(id) ?? null)
  }
}
