import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import { CommitUnknownError } from '../../platform/db/pg-errors.ts'
import { AppError } from '../../platform/errors.ts'
import type { Fault } from '../../platform/fault.ts'
import type { BlobService, StagedBlob } from '../blobs/blob.service.ts'
import { fileLabel } from '../media/media.fields.ts'
import type { MediaRow } from '../media/media.row.ts'
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
}

/** Step U4 of the write protocol: bytes that have arrived become somebody's, in one transaction. */
export class Commitment {
  constructor(private readonly deps: CommitmentDeps) {}

  /**
   * The media that `owner` writes, whose bytes and row are durable when this resolves. Asks again on a new connection when the
   * answer to COMMIT was lost; rejects with UNSUPPORTED_TYPE, FILE_TOO_LARGE, CommitUnknownError while nobody can say, and with whatever
   * the owner rejects with.
   */
  async commit({ blob, received, fileName, declaredType }: Arrival, owner: ContentOwner): Promise<MediaRow> {
    const { database, blobs, newMedia, fault } = this.deps
    const { accountId } = blob
    const { kind } = this.deps.types.check({ ...received, accountId })
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
        await blobs.commit(tx, blob, received)
        const media = await owner(tx, arrived)
        await fault.hit('U4.beforeCommit')
        return media
      })
    try {
      const media = await attempt()
      await fault.hit('U4.afterCommit')
      return media
    } catch (error) {
      if (!(error instanceof CommitUnknownError)) throw error
      return await settle({
        error,
        stateOf: () => blobs.stateOf(blob.id),
        find: () => newMedia.find(blob.id),
        attempt,
      })
    }
  }
}

interface Unsettled {
  readonly error: CommitUnknownError
  readonly stateOf: () => ReturnType<BlobService['stateOf']>
  readonly find: () => Promise<MediaRow | null>
  readonly attempt: () => Promise<MediaRow>
}

const PAUSES_MS = [50, 200, 1_000, 3_000]

/**
 * Finds out what became of a COMMIT whose answer was lost: live = it happened; staged = it did not, so once more, where a
 * transaction that is still ending makes us wait at its row lock. Rejects with CommitUnknownError while nobody answers.
 */
async function settle({ error, stateOf, find, attempt }: Unsettled): Promise<MediaRow> {
  for (const pause of PAUSES_MS) {
    await new Promise(resolve => setTimeout(resolve, pause))
    try {
      const state = await stateOf()
      const media = state === 'live' ? await find() : null
      if (media) return media
      if (state !== 'staged') break
      return await attempt()
    } catch (again) {
      const unreachable = again instanceof AppError && again.code === 'SERVICE_UNAVAILABLE'
      const decidedMeanwhile = again instanceof AppError && again.code === 'LEASE_LOST'
      if (!unreachable && !decidedMeanwhile && !(again instanceof CommitUnknownError)) throw again
    }
  }
  throw error
}
