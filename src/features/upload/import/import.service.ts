import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { isUniqueViolation } from '../../../platform/db/pg-errors.ts'
import type { Idempotency } from '../../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import { onlyOnce } from '../../../platform/idempotency/once.ts'
import type { JobQueue } from '../../../platform/jobs/job-queue.ts'
import { authorize } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { mediaErrors, nameTaken } from '../../media/media.errors.ts'
import { checkedText, fileLabel, type MediaFields, mediaColumns } from '../../media/media.fields.ts'
import type { MediaRow } from '../../media/media.row.ts'
import type { ExpiryTerms } from '../../media/media-expiry.ts'
import type { AccountQuotas } from '../../usage/account-quotas.ts'
import { withFigures } from '../../usage/usage.errors.ts'
import { AS_IMPORTED, type NewMedia } from '../new-media.ts'
import type { StoreChoice } from '../stores/store-choice.ts'
import { importsOff } from './import.errors.ts'
import type { PendingMedia } from './pending-media.ts'
import { nameInUrl } from './remote-file.ts'

export interface ImportRequest {
  readonly viewer: Viewer
  readonly url: string
  /** What to call the file; without it the server's answer says, or the URL. */
  readonly fileName?: string | null
  /** The store that is asked for. */
  readonly storeId?: string | null
  readonly fields: MediaFields
  readonly keyed?: KeyedRequest
}

export interface ImportDeps {
  readonly database: Database
  readonly idempotency: Pick<Idempotency, 'once'>
  readonly pending: Pick<PendingMedia, 'announce'>
  readonly newMedia: Pick<NewMedia, 'again'>
  readonly stores: Pick<StoreChoice, 'storeFor'>
  readonly jobs: Pick<JobQueue, 'add'>
  readonly expiry: Pick<ExpiryTerms, 'check'>
  /** Decides of a URL before anything is looked up; null where nothing is imported. */
  readonly places: { check(url: string): URL } | null
  readonly newId: () => string
  readonly quotas: Pick<AccountQuotas, 'checkItem'>
}

/** The job that an import becomes; its payload is `{ mediaId }`. */
export const IMPORT_JOB = 'media.import'

/** Begun so often at the most, kills of its worker included; what the server does wrong is given up long before. */
const MOST_BEGINNINGS = 25
const LONGEST_NAME = 255

/** Announces media whose content comes from a URL; a job fetches it. */
export class ImportService {
  constructor(private readonly deps: ImportDeps) {}

  /**
   * The media, PENDING and without content, and in the same transaction the job that brings it. Rejects with UNAUTHENTICATED,
   * FORBIDDEN, IMPORTS_OFF, URL_NOT_ALLOWED, INVALID_INPUT, NAME_TAKEN, QUOTA_EXCEEDED, IDEMPOTENCY_CONFLICT, IDEMPOTENCY_RESULT_GONE.
   */
  async request({ viewer, keyed, ...request }: ImportRequest): Promise<MediaRow> {
    const { places, idempotency, newMedia, newId } = this.deps
    const principal = authorize(viewer, 'create')
    if (!places) throw importsOff()
    const url = places.check(request.url)
    const columns = mediaColumns(request.fields)
    const wanted = request.storeId ?? null
    const storeId = this.deps.stores.storeFor({ accountId: principal.accountId, storeId: wanted })
    const fileName = checkedName(request.fileName)
    const label = fileLabel(fileName ?? nameInUrl(url))
    const once = idempotency.once(principal, keyed)
    return onlyOnce(once, {
      create: () =>
        this.#write(async tx => {
          const id = newId()
          await once.claim(tx, id)
          await this.deps.expiry.check(tx, columns)
          return this.#announce(tx, {
            id,
            viewer: principal,
            columns,
            url: url.href,
            fileName,
            label,
            storeId,
            wanted,
          })
        }),
      again: id => newMedia.again(principal, id, AS_IMPORTED),
    }).catch(error => {
      throw withFigures(error, viewer)
    })
  }

  async #announce(tx: EntityManager, announced: Parameters<PendingMedia['announce']>[1]): Promise<MediaRow> {
    const media = await this.deps.pending.announce(tx, announced)
    await this.deps.quotas.checkItem(tx, announced.viewer.accountId)
    const payload = { mediaId: announced.id }
    await this.deps.jobs.add(tx, { name: IMPORT_JOB, payload, attempts: MOST_BEGINNINGS })
    return media
  }

  async #write(work: (tx: EntityManager) => Promise<MediaRow>): Promise<MediaRow> {
    try {
      return await this.deps.database.transaction(work)
    } catch (error) {
      throw isUniqueViolation(error, 'media_name_key') ? nameTaken(error) : error
    }
  }
}

function checkedName(fileName: string | null | undefined): string | null {
  if (fileName == null) return null
  if (fileName.trim() === '')
    throw mediaErrors.INVALID_INPUT('fileName is empty; leave it out to take the one that the file has.', {
      field: ['input', 'fileName'],
    })
  return checkedText(fileName, 'fileName', LONGEST_NAME)
}
