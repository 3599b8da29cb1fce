import { pipeline, type Readable } from 'node:stream'
import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import { CommitUnknownError } from '../../platform/db/pg-errors.ts'
import { AppError, commonErrors } from '../../platform/errors.ts'
import type { Fault } from '../../platform/fault.ts'
import type { Idempotency } from '../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../platform/idempotency/keyed-request.ts'
import { onlyOnce } from '../../platform/idempotency/once.ts'
import type { WriteHints } from '../../platform/storage/driver.ts'
import type { Viewer } from '../access/viewer.ts'
import type { BlobService, StagedBlob } from '../blobs/blob.service.ts'
import { fileLabel, type MediaFields } from '../media/media.fields.ts'
import type { MediaRow } from '../media/media.row.ts'
import { type Measured, Meter, sha256Of } from './meter.ts'
import type { NewMedia } from './new-media.ts'
import type { ContentFacts, ContentOwner, Purpose } from './purpose.ts'
import type { NewContent, Replacement } from './replacement.ts'
import { createSniffer } from './sniff/sniffer.ts'
import { fileTooLarge, ingestError } from './upload.errors.ts'

/** Bytes on their way in, and what their sender says about them. */
export interface Incoming {
  /** Read to its end, or destroyed when the upload fails. Its chunks are used up: who keeps one may find it empty. */
  readonly body: Readable
  readonly fileName: string | undefined
  readonly declaredType: string | undefined
  /** Bytes that the client announced, if it did: refused early when too many, never believed. */
  readonly declaredSize?: number
  readonly signal?: AbortSignal
}

/** A file that somebody sends, whatever becomes of it. */
export interface ArrivingFile extends Incoming {
  readonly viewer: Viewer
  /** Under which key it may come again. */
  readonly keyed?: KeyedRequest
}

export interface IngestRequest extends ArrivingFile {
  readonly fields: MediaFields
}

export interface ReplaceRequest extends ArrivingFile {
  readonly replaces: Replacement
}

export interface IngestDeps {
  readonly database: Database
  readonly blobs: BlobService
  /** A new media of the bytes, or a new content: written with version and event, in the transaction of the commit. */
  readonly newMedia: NewMedia
  readonly newContent: NewContent
  /** What can be told of stored bytes before the commit; must not reject. */
  readonly facts: (blob: StagedBlob, content: { mimeType: string; size: number }) => Promise<ContentFacts>
  readonly storeId: string
  readonly maxBytes: number
  readonly fault: Fault
  readonly idempotency: Pick<Idempotency, 'once'>
}

interface Received extends Measured {
  readonly mimeType: string
}

/** The one way in which bytes enter, whatever the door: steps U0 to U5 of the write protocol. */
export class IngestService {
  constructor(private readonly deps: IngestDeps) {}

  /**
   * The new media, whose bytes and row are durable when this resolves. Rejects with UNAUTHENTICATED, FORBIDDEN,
   * INVALID_INPUT, NAME_TAKEN, FILE_TOO_LARGE, UPLOAD_INCOMPLETE, IDEMPOTENCY_CONFLICT, IDEMPOTENCY_RESULT_GONE, or a storage
   * error; then nothing of the upload stays. An upload whose key and content have come before gives the same media, and stores
   * nothing.
   */
  ingest(request: IngestRequest): Promise<MediaRow> {
    return this.#take(request, () => this.deps.newMedia.purpose(request.viewer, request.fields))
  }

  /**
   * The media with its new content, durable when this resolves; what is said about it stays. Rejects as `ingest` does, and with
   * NOT_FOUND, LEGAL_HOLD, REVISION_CONFLICT; then the media has the content that it had, and nothing of the upload stays.
   */
  replace(request: ReplaceRequest): Promise<MediaRow> {
    return this.#take(request, () => this.deps.newContent.purpose(request.viewer, request.replaces))
  }

  /**
   * The media that `owner` writes for these bytes, by the same protocol and with the same errors as `ingest`. Nobody is asked
   * for permission: it was given when the media was promised its content.
   */
  ingestFor(accountId: string, incoming: Incoming, owner: ContentOwner): Promise<MediaRow> {
    return this.#guarded(incoming, () => {
      this.#checkSize(incoming)
      return this.#store(accountId, incoming, owner)
    })
  }

  #take(request: ArrivingFile, purposeOf: () => Purpose): Promise<MediaRow> {
    return this.#guarded(request, () => {
      const purpose = purposeOf()
      this.#checkSize(request)
      return this.#once(request, purpose)
    })
  }

  /** U0: what the headers say already. */
  #checkSize({ declaredSize }: Incoming): void {
    const { maxBytes } = this.deps
    if (declaredSize !== undefined && declaredSize > maxBytes) throw fileTooLarge(maxBytes, declaredSize)
  }

  async #guarded({ body }: Incoming, work: () => Promise<MediaRow>): Promise<MediaRow> {
    const { fault, maxBytes } = this.deps
    // A body may break off before anybody reads it and after everybody has given up on it.
    body.on('error', () => undefined)
    try {
      const media = await work()
      await fault.hit('U5.beforeAnswer')
      return media
    } catch (error) {
      throw ingestError(error, maxBytes)
    } finally {
      body.destroy()
    }
  }

  async #once(request: ArrivingFile, purpose: Purpose): Promise<MediaRow> {
    const once = this.deps.idempotency.once(purpose.viewer, request.keyed)
    // Asked first, and told last: a twin that is carried out in between is then known to have come before.
    const refusal = await purpose.check().then(
      () => null,
      (error: unknown) => ({ error }),
    )
    return onlyOnce(once, {
      create: () => {
        if (refusal) throw refusal.error
        return this.#store(purpose.viewer.accountId, request, (tx, arrived) =>
          purpose.write(tx, { ...arrived, once }),
        )
      },
      again: id => purpose.again(id),
      content: () => sha256Of(request.body, this.deps.maxBytes),
    })
  }

  async #store(accountId: string, incoming: Incoming, owner: ContentOwner): Promise<MediaRow> {
    const { blobs, fault, storeId } = this.deps
    await fault.hit('U0.admitted')
    const blob = await blobs.stage({ accountId, storeId, reserve: incoming.declaredSize ?? 0 })
    try {
      const received = await this.#receive(blob, incoming)
      const facts = await this.deps.facts(blob, received)
      const arrived = {
        blob,
        content: { ...received, ...facts },
        declaredType: incoming.declaredType ?? null,
        originalFileName: fileLabel(incoming.fileName),
      }
      return await this.#commit(blob, received, tx => owner(tx, arrived))
    } catch (error) {
      // Bytes are never removed while it is not known whether they were committed: the reaper will find out.
      if (!(error instanceof CommitUnknownError)) await blobs.discard(blob)
      throw error
    }
  }

  /** U2 and U3: the bytes are counted, hashed, held to the limit and looked at while they flow to the store. */
  async #receive(blob: StagedBlob, request: Incoming): Promise<Received> {
    const { fault, maxBytes, blobs } = this.deps
    const sniffer = createSniffer({ fileName: request.fileName, declaredType: request.declaredType })
    const onChunk = (chunk: Buffer, total: number) => {
      sniffer.push(chunk)
      return fault.hit('U2.bytes', total)
    }
    const meter = new Meter({ limit: maxBytes, onChunk })
    pipeline(request.body, meter, error => error && meter.destroy(error))
    await fault.hit('U2.start')
    const hints: WriteHints = {
      size: request.declaredSize,
      mimeType: request.declaredType,
      ownsChunks: true,
      signal: request.signal,
    }
    const { size } = await blobs.write(blob, meter, hints)
    sniffer.end()
    const measured = meter.result()
    if (size !== measured.size)
      throw commonErrors.SERVICE_UNAVAILABLE('The store lost bytes. Upload the file again.')
    await fault.hit('U3.done')
    return { ...measured, mimeType: (await sniffer.type).mimeType }
  }

  /** U4; asks again on a new connection when the answer to COMMIT was lost. */
  async #commit(
    blob: StagedBlob,
    content: Measured,
    write: (tx: EntityManager) => Promise<MediaRow>,
  ): Promise<MediaRow> {
    const { database, blobs, newMedia, fault } = this.deps
    const attempt = () =>
      database.transaction(async tx => {
        await blobs.commit(tx, blob, content)
        const media = await write(tx)
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
