import type { Sql } from '../../../platform/db/database.ts'
import { FIRST_ID } from '../doctor/contents.ts'

export interface Position {
  /** The last blob that was looked for. */
  readonly afterBlob: string
  /** The folder of objects that comes next, of `FOLDERS`. */
  readonly nextFolder: number
}

/** Keys of blobs begin with two random hex digits: each folder holds about as many as another. */
export const FOLDERS = 256
export const folderPrefix = (folder: number): string => `${folder.toString(16).padStart(2, '0')}/`

/** How far the scrubber has come: where one run ends the next goes on, at whatever node. */
export class ScrubPositions {
  constructor(private readonly deps: { readonly database: Sql }) {}

  async of(storeId: string): Promise<Position> {
    const [position] = await this.deps.database.query<Position>(
      `SELECT after_blob AS "afterBlob", next_folder AS "nextFolder" FROM scrub_position WHERE store_id = $1`,
      [storeId],
    )
    return position ?? { afterBlob: FIRST_ID, nextFolder: 0 }
  }

  async save(storeId: string, { afterBlob, nextFolder }: Position): Promise<void> {
    await this.deps.database.query(
      `INSERT INTO scrub_position (store_id, after_blob, next_folder) VALUES ($1, $2, $3)
       ON CONFLICT (store_id) DO UPDATE SET after_blob = excluded.after_blob, next_folder = excluded.next_folder`,
      [storeId, afterBlob, nextFolder],
    )
  }
}
