import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { AppError } from '../../../platform/errors.ts'
import type { Idempotency } from '../../../platform/idempotency/idempotency.ts'
import { keyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import { type Once, onlyOnce } from '../../../platform/idempotency/once.ts'
import type { BlobService } from '../../blobs/blob.service.ts'
import type { Commitment } from '../commitment.ts'
import type { NewMedia } from '../new-media.ts'
import type { TicketBytes } from '../tickets/ticket-bytes.ts'
import { ingestError } from '../upload.errors.ts'
import { uploadEnded } from './tus.errors.ts'
import type { TusAsker, TusRow } from './tus.row.ts'
import type { TusArrivals, TusArrived } from './tus-arrival.ts'
import type { TusCreations } from './tus-creation.ts'
import { saidOf, type TusSaid } from './tus-fields.ts'

export interface TusFinishDeps {
  readonly database: Database
  readonly blobs: Pick<BlobService, 'holding' | 'discard'>
  readonly creations: Pick<TusCreations, 'storeFor'>
  readonly arrivals: Pick<TusArrivals, 'ofWhole' | 'ofParts'>
  readonly ticketBytes: Pick<TicketBytes, 'take'>
  readonly newMedia: Pick<NewMedia, 'purpose'>
  readonly commitment: Pick<Commitment, 'commit'>
  readonly idempotency: Pick<Idempotency, 'once'>
  readonly maxBytes: number
}

/** Turns a resumable upload whose bytes have all come into what it is for: its ticket's bytes, or a media. */
export class TusFinish {
  constructor(private readonly deps: TusFinishDeps) {}

  /**
   * The id of the media that it is now; null where a ticket has the bytes. For who holds the upload's lock. Rejects as
   * `IngestService.ingest` does, and for a ticket as `TicketBytes.take`; what will not be better next time ends the upload, and
   * its bytes go.
   */
  async finish(asker: TusAsker, upload: TusRow, parts: readonly TusRow[]): Promise<string | null> {
    const bytes = [upload, ...parts].flatMap(({ blob }) => blob ?? [])
    try {
      return await this.deps.blobs.holding(bytes, () => this.#make(asker, upload, parts))
    } catch (error) {
      const told = ingestError(error, this.deps.maxBytes)
      if (told instanceof AppError && told.status < 500) await this.#end(upload)
      throw told
    }
  }

  async #make(asker: TusAsker, upload: TusRow, parts: readonly TusRow[]): Promise<string | null> {
    const { creations, arrivals, blobs } = this.deps
    const { accountId } = asker
    const said = { ...saidOf(upload), door: asker.ticket ? ('ticket' as const) : ('tus' as const) }
    const storeId = () => creations.storeFor(asker, upload.metadata)
    const arrived =
      upload.kind === 'final'
        ? await arrivals.ofParts(parts, { accountId, storeId: storeId() }, said)
        : await arrivals.ofWhole(upload, said)
    const mediaId = await this.#give(asker, upload, arrived)
    for (const { blob } of parts) if (blob) await blobs.discard(blob)
    return mediaId
  }

  async #give(asker: TusAsker, upload: TusRow, arrived: TusArrived): Promise<string | null> {
    const { blobs, ticketBytes } = this.deps
    const isCopy = arrived.blob.id !== upload.blob?.id
    try {
      if (!asker.ticket) {
        const mediaId = await this.#commit(asker, upload, arrived)
        if (arrived.source) await blobs.discard(arrived.source)
        return mediaId
      }
      // At once: a ticket's bytes that the upload still believes to be its own would be given up with it.
      const isTaken = await ticketBytes.take(asker.ticket, arrived, tx => claim(tx, upload.id, null))
      if (!isTaken) await blobs.discard(arrived.blob)
      if (arrived.source) await blobs.discard(arrived.source)
      return null
    } catch (error) {
      // A copy that nobody has taken; the bytes themselves stay for another try.
      if (isCopy && error instanceof AppError) await blobs.discard(arrived.blob)
      throw error
    }
  }

  async #commit(asker: TusAsker, upload: TusRow, arrived: TusArrived): Promise<string> {
    const { newMedia, commitment, idempotency, blobs } = this.deps
    const said = saidOf(upload)
    const purpose = newMedia.purpose(asker.viewer, said.fields, { ...said, door: 'tus' })
    const keyed = keyedRequest('tusUpload', requestOf(said), {})
    const once = alsoOnce(idempotency.once(purpose.viewer, keyed), upload.id)
    const media = await onlyOnce(once, {
      create: () => commitment.commit(arrived, (tx, content) => purpose.write(tx, { ...content, once })),
      again: id => purpose.again(id),
      content: async () => arrived.received.sha256,
    })
    // Where it is another upload's media, these bytes are not needed.
    if (await this.#settle(upload.id, media.id)) await blobs.discard(arrived.blob)
    return media.id
  }

  /** True when it was not settled before. */
  async #settle(id: string, mediaId: string): Promise<boolean> {
    const rows = await this.deps.database.query(
      `UPDATE tus_upload SET state = 'finished', media_id = $2 WHERE id = $1 AND state = 'open' RETURNING id`,
      [id, mediaId],
    )
    return rows.length > 0
  }

  async #end({ id, blob }: TusRow): Promise<void> {
    await this.deps.database.query(`UPDATE tus_upload SET state = 'ended' WHERE id = $1 AND state = 'open'`, [
      id,
    ])
    if (blob) await this.deps.blobs.discard(blob)
  }
}

const requestOf = ({ fileName, declaredType, fields, onDuplicate, idempotencyKey }: TusSaid) => ({
  ...fields,
  fileName,
  declaredType,
  onDuplicate,
  idempotencyKey,
})

/** A request that claims its upload as well, in the same transaction. */
function alsoOnce(keyed: Once, uploadId: string): Once {
  return {
    earlier: () => keyed.earlier(),
    async claim(tx: EntityManager, mediaId, content) {
      await keyed.claim(tx, mediaId, content)
      await claim(tx, uploadId, mediaId)
    },
  }
}

async function claim(tx: EntityManager, uploadId: string, mediaId: string | null): Promise<void> {
  const [, affected] = (await tx.query(
    `UPDATE tus_upload SET state = 'finished', media_id = $2 WHERE id = $1 AND state = 'open'`,
    [uploadId, mediaId],
  )) as [unknown, number]
  if (affected !== 1) throw uploadEnded()
}
