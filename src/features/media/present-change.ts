import { AppError } from '../../platform/errors.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaNotFound } from './media.errors.ts'
import type { MediaRow } from './media.row.ts'
import type { Columns, MediaService } from './media.service.ts'
import type { ChangedFields } from './media-change.ts'
import type { MediaChanges } from './media-changes.service.ts'
import { revisionOf } from './media-revision.ts'

/** A change that depends on what the media is. */
export interface PresentChange {
  readonly id: string
  /** What `fields` looks at. */
  readonly columns: Columns
  fields(present: MediaRow): ChangedFields
}

/** How often a media may be changed by others between being read and written, before who wanted it is told. */
const ATTEMPTS = 5

/** Changes media by what they are, for doors whose clients say a part of a value that is one here. */
export class PresentChanges {
  constructor(
    private readonly deps: {
      readonly media: Pick<MediaService, 'get'>
      readonly changes: Pick<MediaChanges, 'update'>
    },
  ) {}

  /**
   * Reads, and writes only what nobody has changed meanwhile; otherwise it reads again. Throws what `MediaChanges.update` throws,
   * NOT_FOUND for who may not read it, and REVISION_CONFLICT when others were faster each time.
   */
  async update(viewer: Viewer, change: PresentChange): Promise<MediaRow> {
    const columns = new Set([...change.columns, 'version' as const])
    for (let attempt = 1; ; attempt++) {
      const present = await this.deps.media.get(viewer, change.id, columns)
      if (!present) throw mediaNotFound(['input', 'id'])
      try {
        return await this.deps.changes.update(viewer, {
          id: change.id,
          ifMatch: revisionOf(present),
          fields: change.fields(present),
        })
      } catch (error) {
        const isOvertaken = error instanceof AppError && error.code === 'REVISION_CONFLICT'
        if (!isOvertaken || attempt === ATTEMPTS) throw error
      }
    }
  }
}
