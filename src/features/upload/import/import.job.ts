import { AppError } from '../../../platform/errors.ts'
import { outgoingErrors } from '../../../platform/net/outgoing.errors.ts'
import type { IngestService } from '../ingest.service.ts'
import { deletedMeanwhile, importsOff, NotFetched } from './import.errors.ts'
import type { ImportProgress } from './import-progress.ts'
import type { PendingMedia, Waiting } from './pending-media.ts'
import type { RemoteFiles } from './remote-file.ts'

export interface ImportJobDeps {
  readonly pending: Pick<PendingMedia, 'find' | 'complete' | 'fail'>
  readonly ingest: Pick<IngestService, 'ingestFor'>
  /** Null where nothing is imported. */
  readonly files: Pick<RemoteFiles, 'open'> | null
  readonly progress: Pick<ImportProgress, 'begin' | 'follow'>
  /** How long one file may take. */
  readonly seconds: number
}

/** Which time it is that the job is begun, from 1, and what ends it when the process does. */
export interface Attempt {
  readonly number: number
  readonly stopped: AbortSignal
}

/** With graphile-worker's pauses the last one is half an hour after the first. */
const ATTEMPTS = 8

/**
 * Fetches the content of one pending media. May be done any number of times, also by two workers at once: what is no longer
 * pending is left alone, and of two contents one is committed.
 */
export class ImportJob {
  constructor(private readonly deps: ImportJobDeps) {}

  /** Rejects with what may be better next time; what will not be is written down at the media. */
  async run(mediaId: string, { number, stopped }: Attempt): Promise<void> {
    const { pending } = this.deps
    const waiting = await pending.find(mediaId)
    if (!waiting) return
    try {
      await this.#fetch(mediaId, waiting, { number, stopped })
    } catch (error) {
      if (stopped.aborted) throw error
      const { reason, lasting } = problemOf(error)
      if (!lasting && number < ATTEMPTS) throw error
      await pending.fail(mediaId, reason)
    }
  }

  async #fetch(mediaId: string, waiting: Waiting, { number, stopped }: Attempt): Promise<void> {
    const { pending, ingest, files, progress, seconds } = this.deps
    if (waiting.isDeleted) throw deletedMeanwhile()
    if (!files) throw new NotFetched(importsOff().publicMessage, true)
    await progress.begin(mediaId, number)
    const deadline = AbortSignal.timeout(seconds * 1000)
    try {
      const file = await files.open(waiting.url, AbortSignal.any([stopped, deadline]))
      const onChunk = await progress.follow(mediaId, file.declaredSize)
      const incoming = { ...file, fileName: waiting.fileName ?? file.fileName, onChunk }
      await ingest.ingestFor({ ...waiting, mediaId }, incoming, (tx, arrived) =>
        pending.complete(tx, mediaId, arrived),
      )
    } catch (error) {
      if (deadline.aborted && !(error instanceof NotFetched))
        throw new NotFetched(`Fetching the file took longer than ${seconds} s.`, true)
      throw error
    }
  }
}

/**
 * What the user is told: words of ours, since an error's own may name an address that only the gateway sees, and whether it
 * is for good.
 */
function problemOf(error: unknown): Pick<NotFetched, 'reason' | 'lasting'> {
  if (error instanceof NotFetched) return error
  const code = error instanceof AppError ? error.code : ''
  return PROBLEMS[code] ?? OURS
}

const PROBLEMS: Readonly<Record<string, Pick<NotFetched, 'reason' | 'lasting'>>> = {
  URL_NOT_ALLOWED: {
    reason: 'The URL leads to a place that this gateway does not fetch from.',
    lasting: true,
  },
  FILE_TOO_LARGE: { reason: 'The file is larger than this gateway takes.', lasting: true },
  QUOTA_EXCEEDED: { reason: 'The account has no room for the file.', lasting: true },
  UNSUPPORTED_TYPE: { reason: 'The file is of a type that this gateway does not take.', lasting: true },
  FETCH_FAILED: { reason: 'The server of the URL could not be reached, or did not answer.', lasting: false },
  UPLOAD_INCOMPLETE: { reason: 'The server of the URL ended before the file was complete.', lasting: false },
} satisfies Partial<
  Record<
    | keyof typeof outgoingErrors
    | 'FILE_TOO_LARGE'
    | 'QUOTA_EXCEEDED'
    | 'UNSUPPORTED_TYPE'
    | 'UPLOAD_INCOMPLETE',
    unknown
  >
>

const OURS = {
  reason: 'The gateway could not keep the file. Its operator finds why in the log.',
  lasting: false,
}
