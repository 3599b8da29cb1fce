import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import { CommitUnknownError } from '../../platform/db/pg-errors.ts'
import type { Fault } from '../../platform/fault.ts'
import type { BlobService, StagedBlob } from '../blobs/blob.service.ts'
import { settleCommit } from '../blobs/settle-commit.ts'
import { fileLabel } from '../media/media.fields.ts'
import type { MediaRow } from '../media/media.row.ts'
import type { MediaDoor } from '../media/media-door.ts'
import type { ScanState } from '../media/media-kind.ts'
import type { NewMedia } from './new-media.ts'
import type { ContentFacts, ContentOwner } from './purpose.ts'
import type { Received } from './reception.ts'
import type { TypeCheck } from './type-check.ts'

export interface CommitmentDeps {
  readonly database: Database
  readonly blobs: Pick<BlobService, 'commit' | 'stateOf'>
  readonly newMedia: Pick<NewMedia, 'find'>
  readonly types: Pick<TypeCheck, 'check'>
  /** What can be told of stored bytes before the commit; must not reject. */
  readonly facts: (blob: StagedBlob, content: { mimeType: string; size: number }) => Promise<ContentFacts>
  /** What the malware scan says of a content that has just come. */
  readonly initialScan: () => ScanState
  readonly fault: Fault
}

/** Bytes that lie whole in the store, and what their sender said about them. */
export interface Arrival {
  readonly blob: StagedBlob
  readonly received: Received
  readonly fileName: string | undefined
  readonly declaredType: string | undefined
  readonly door: MediaDoor
}

/** Step U4 of the write protocol: bytes that have arrived become somebody's, in one transaction. */
export class Commitment {
  constructor(private readonly deps: CommitmentDeps) {}

  /**
   * The media that `owner` writes, whose bytes and row are durable when this resolves. Asks again on a new connection when the
   * answer to COMMIT was lost; rejects with UNSUPPORTED_TYPE, FILE_TOO_LARGE, QUOTA_EXCEEDED, CommitUnknownError while nobody can say, and with whatever
   * the owner rejects with.
   */
  async commit(arrival: Arrival, owner: ContentOwner): Promise<MediaRow> {
    const { blob, received, fileName, declaredType, door } = arrival
    const { database, blobs, newMedia, fault } = this.deps
    const { accountId } = blob
    const { kind } = this.deps.types.check({ ...received, accountId, door })
    const facts = await this.deps.facts(blob, received)
    const arrived = {
      blob,
      content: { ...received, ...facts, kind },
      declaredType: declaredType ?? null,
      originalFileName: fileLabel(fileName),
      scan: this.deps.initialScan(),
    }
    const attempt = () =>
      database.transaction(async (tx: EntityManager) => {
        const items = await blobs.commit(tx, blob, received)
        const media = await owner(tx, { ...arrived, items })
        await fault.hit('U4.beforeCommit')
        return media
      })
    try {
      const media = await attempt()
      await fault.hit('U4.afterCommit')
      return media
    } catch (error) {
      if (!(error instanceof CommitUnknownError)) throw error
      return await settleCommit({
        error,
        stateOf: () => blobs.stateOf(blob.id),
        find: () => newMedia.find(blob.id),
        attempt,
      })
    }
  }
}
