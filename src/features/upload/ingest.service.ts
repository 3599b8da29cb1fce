import { CommitUnknownError } from '../../platform/db/pg-errors.ts'
import type { Fault } from '../../platform/fault.ts'
import type { Idempotency } from '../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../platform/idempotency/keyed-request.ts'
import { onlyOnce } from '../../platform/idempotency/once.ts'
import type { Viewer } from '../access/viewer.ts'
import type { BlobService, StageRequest } from '../blobs/blob.service.ts'
import type { MediaRow } from '../media/media.row.ts'
import type { Commitment } from './commitment.ts'
import { sha256Of } from './meter.ts'
import type { NamedContent, NamedMedia } from './named-media.ts'
import type { Entry, NewMedia, Said } from './new-media.ts'
import type { ContentOwner, Purpose } from './purpose.ts'
import type { Incoming, Reception } from './reception.ts'
import type { NewContent, Replacement } from './replacement.ts'
import type { StoreChoice } from './stores/store-choice.ts'
import type { TypeCheck } from './type-check.ts'
import { fileTooLarge, ingestError } from './upload.errors.ts'

/** A file that somebody sends, whatever becomes of it. */
export interface ArrivingFile extends Incoming {
  readonly viewer: Viewer
  /** The store that is asked for; the rules decide without it. */
  readonly storeId?: string | null
  /** Under which key it may come again. */
  readonly keyed?: KeyedRequest
}

export interface IngestRequest extends ArrivingFile, Entry {
  readonly fields: Said
}

export interface ReplaceRequest extends ArrivingFile {
  readonly replaces: Replacement
}

export interface PutRequest extends ArrivingFile, NamedContent {}

/** A media that was promised its content. */
interface PromisedMedia {
  readonly mediaId: string
  readonly accountId: string
  /** The store that was asked for; null where the rules decide. */
  readonly storeId: string | null
}

export interface IngestDeps {
  readonly blobs: Pick<BlobService, 'stage' | 'discard'>
  readonly reception: Pick<Reception, 'receive'>
  readonly commitment: Pick<Commitment, 'commit'>
  /** A new media of the bytes, or a new content: written with version and event, in the transaction of the commit. */
  readonly newMedia: Pick<NewMedia, 'purpose'>
  readonly newContent: Pick<NewContent, 'purpose'>
  readonly namedMedia: Pick<NamedMedia, 'purpose'>
  readonly stores: Pick<StoreChoice, 'storeFor'>
  readonly types: Pick<TypeCheck, 'mostOf'>
  readonly maxBytes: number
  readonly fault: Fault
  readonly idempotency: Pick<Idempotency, 'once'>
}

/** How bytes enter that come whole within one request: steps U0 to U5 of the write protocol, one after the other. */
export class IngestService {
  constructor(private readonly deps: IngestDeps) {}

  /**
   * The new media, whose bytes and row are durable when this resolves. Rejects with UNAUTHENTICATED, FORBIDDEN,
   * INVALID_INPUT, NAME_TAKEN, DUPLICATE_CONTENT, FILE_TOO_LARGE, QUOTA_EXCEEDED, UPLOAD_INCOMPLETE, IDEMPOTENCY_CONFLICT,
   * IDEMPOTENCY_RESULT_GONE, or a storage error; then nothing of the upload stays. An upload whose key and content have come before
   * gives the same media, and one with RETURN_EXISTING a media that has the content; neither stores anything.
   */
  ingest(request: IngestRequest): Promise<MediaRow> {
    const { viewer, fields } = request
    return this.#take(request, () => this.deps.newMedia.purpose(viewer, fields, request))
  }

  /**
   * The media with its new content, durable when this resolves; what is said about it stays. Rejects as `ingest` does, and with
   * NOT_FOUND, LEGAL_HOLD, REVISION_CONFLICT, and with INVALID_INPUT where it would be over by the new content; then the media has the content that it had, and nothing of the upload stays.
   */
  replace(request: ReplaceRequest): Promise<MediaRow> {
    return this.#take(request, () => this.deps.newContent.purpose(request.viewer, request.replaces))
  }

  /**
   * The media that a name stands for, with this content, durable when this resolves: a new one, or the one that is called so, in its
   * place. Rejects as `ingest` and `replace` do, with NAME_TAKEN for a media that the viewer does not reach.
   */
  put(request: PutRequest): Promise<MediaRow> {
    return this.#take(request, () => this.deps.namedMedia.purpose(request.viewer, request, request))
  }

  /**
   * The media that `owner` writes for these bytes, by the same protocol and with the same errors as `ingest`. Nobody is asked
   * for permission: it was given when the media was promised its content.
   */
  ingestFor(
    { mediaId, accountId, storeId }: PromisedMedia,
    incoming: Incoming,
    owner: ContentOwner,
  ): Promise<MediaRow> {
    return this.#guarded(incoming, () => {
      this.#checkSize(incoming)
      const { declaredType } = incoming
      const place = { accountId, storeId: this.deps.stores.storeFor({ accountId, declaredType, storeId }) }
      return this.#store({ ...place, of: { mediaId }, isNewItem: false }, incoming, owner)
    })
  }

  #take(request: ArrivingFile, purposeOf: () => Purpose): Promise<MediaRow> {
    const work = () => {
      const purpose = purposeOf()
      this.#checkSize(request)
      return this.#once(request, purpose)
    }
    return this.#guarded(request, work, request.viewer)
  }

  /** U0: what the headers say already. */
  #checkSize({ declaredSize, door }: Incoming): void {
    const most = this.deps.types.mostOf(door)
    if (declaredSize !== undefined && declaredSize > most) throw fileTooLarge(most, declaredSize)
  }

  async #guarded({ body }: Incoming, work: () => Promise<MediaRow>, viewer?: Viewer): Promise<MediaRow> {
    const { fault, maxBytes } = this.deps
    // A body may break off before anybody reads it and after everybody has given up on it.
    body.on('error', () => undefined)
    try {
      const media = await work()
      await fault.hit('U5.beforeAnswer')
      return media
    } catch (error) {
      throw ingestError(error, maxBytes, viewer)
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
    const { isNewItem } = purpose
    const { accountId } = purpose.viewer
    const place = { accountId, isNewItem, storeId: this.deps.stores.storeFor({ ...request, accountId }) }
    return onlyOnce(once, {
      create: () => {
        if (refusal) throw refusal.error
        return this.#store(place, request, (tx, arrived) => purpose.write(tx, { ...arrived, once }))
      },
      again: id => purpose.again(id),
      content: () => sha256Of(request.body, this.deps.maxBytes),
    })
  }

  async #store(
    place: Omit<StageRequest, 'reserve'>,
    incoming: Incoming,
    owner: ContentOwner,
  ): Promise<MediaRow> {
    const { blobs, reception, commitment, fault, types } = this.deps
    await fault.hit('U0.admitted')
    const blob = await blobs.stage({ ...place, reserve: incoming.declaredSize ?? null })
    try {
      const { fileName, declaredType, door } = incoming
      const received = await reception.receive(blob, incoming, types.mostOf(door))
      return await commitment.commit({ blob, received, fileName, declaredType, door }, owner)
    } catch (error) {
      // Bytes are never removed while it is not known whether they were committed: the reaper will find out.
      if (!(error instanceof CommitUnknownError)) await blobs.discard(blob)
      throw error
    }
  }
}
