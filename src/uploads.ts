import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config.ts'
import { viewerOf } from './entrances/http/request-viewer.ts'
import type { BlobService } from './features/blobs/blob.service.ts'
import type { ExpiryTerms } from './features/media/media-expiry.ts'
import { type ExpiredNames, MediaNames } from './features/media/media-names.ts'
import type { MediaWriter } from './features/media/media-writer.ts'
import type { Pipeline } from './features/processing/pipeline.ts'
import type { TypeRules } from './features/types/type-rules.ts'
import { Commitment, type CommitmentDeps } from './features/upload/commitment.ts'
import { ContentRows } from './features/upload/content-rows.ts'
import { ImportJob } from './features/upload/import/import.job.ts'
import { ImportResolver } from './features/upload/import/import.resolver.ts'
import { IMPORT_JOB, ImportService } from './features/upload/import/import.service.ts'
import { ImportProgressResolver } from './features/upload/import/import-progress.resolver.ts'
import { ImportProgress } from './features/upload/import/import-progress.ts'
import { PendingMedia } from './features/upload/import/pending-media.ts'
import { RemoteFiles } from './features/upload/import/remote-file.ts'
import { IngestService } from './features/upload/ingest.service.ts'
import { NamedMedia } from './features/upload/named-media.ts'
import { NewMedia } from './features/upload/new-media.ts'
import { Reception } from './features/upload/reception.ts'
import { ReplaceResolver } from './features/upload/replace.resolver.ts'
import { NewContent } from './features/upload/replacement.ts'
import { StoreChoice } from './features/upload/stores/store-choice.ts'
import { PresignedUploads } from './features/upload/tickets/presigned.ts'
import { putRoutes } from './features/upload/tickets/put.routes.ts'
import { TicketResolver } from './features/upload/tickets/ticket.resolver.ts'
import { Tickets } from './features/upload/tickets/ticket.service.ts'
import { TicketBytes } from './features/upload/tickets/ticket-bytes.ts'
import { TicketCompletion } from './features/upload/tickets/ticket-completion.ts'
import { TicketUrls } from './features/upload/tickets/ticket-urls.ts'
import { RunningHashes } from './features/upload/tus/running-hashes.ts'
import { tusRoutes } from './features/upload/tus/tus.routes.ts'
import { TusService } from './features/upload/tus/tus.service.ts'
import { TusAppend } from './features/upload/tus/tus-append.ts'
import { TusArrivals } from './features/upload/tus/tus-arrival.ts'
import { TusCreations } from './features/upload/tus/tus-creation.ts'
import { TusFinish } from './features/upload/tus/tus-finish.ts'
import { TusLocks } from './features/upload/tus/tus-lock.ts'
import { TypeCheck } from './features/upload/type-check.ts'
import { countUploads, type FacadeDoor, tellOfTus } from './features/upload/upload.metrics.ts'
import { UploadResolver } from './features/upload/upload.resolver.ts'
import { UploadLimitsResolver } from './features/upload/upload-limits.resolver.ts'
import type { AccountQuotas } from './features/usage/account-quotas.ts'
import type { Foundation } from './foundation.ts'
import type { Outbox } from './platform/events/outbox.ts'
import type { Idempotency } from './platform/idempotency/idempotency.ts'
import { JobQueue } from './platform/jobs/job-queue.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import { Outgoing } from './platform/net/outgoing.ts'
import type { PublicUrl } from './platform/public-url.ts'

export interface UploadParts {
  readonly config: Config
  readonly foundation: Foundation
  readonly publicUrl: PublicUrl
  readonly blobs: BlobService
  readonly outbox: Outbox
  readonly writer: MediaWriter
  readonly idempotency: Idempotency
  readonly facts: CommitmentDeps['facts']
  readonly pipeline: Pipeline
  readonly expiry: ExpiryTerms
  readonly expiredNames: ExpiredNames
  readonly initialScan: CommitmentDeps['initialScan']
  readonly types: TypeRules
  readonly quotas: AccountQuotas
}

/** Files that come by somebody else's API. */
export interface FacadeIngest extends Pick<IngestService, 'ingest' | 'put'> {
  /** That no file may have, whatever it is. */
  readonly mostBytes: number
}

/** Every way in, put together: what all doors share first, then door by door. */
export interface Uploads {
  /** For a door that is somebody else's API: files that come whole within one request. */
  by(door: FacadeDoor): FacadeIngest
  /** Files that come by a URL. */
  readonly imports: Pick<ImportService, 'request'>
  readonly resolvers: readonly object[]
  readonly routes: readonly FastifyPluginAsync[]
  readonly jobs: readonly JobKind[]
}

export function composeUploads(parts: UploadParts): Uploads {
  const { config, foundation, blobs, outbox, idempotency, facts, initialScan, pipeline } = parts
  const { expiry, expiredNames, quotas } = parts
  const { database, storage, newId, fault, clock, signingKeys } = foundation
  const publicUrl = () => parts.publicUrl.base
  const maxBytes = config.MAX_UPLOAD_BYTES
  const seconds = config.UPLOAD_EXPIRES_SECONDS
  const isResumable = (storeId: string) => storage.resumable(storeId) !== undefined
  const stores = new StoreChoice({
    rules: config.STORE_RULES,
    offered: config.STORES_OFFERED,
    defaultStore: storage.defaultStore,
  })

  const contents = new ContentRows({ pipeline, expiry })
  const newMedia = new NewMedia({ database, outbox, contents, expiry, expiredNames, newId, quotas })
  const newContent = new NewContent({ database, outbox, contents })
  const names = new MediaNames({ database })
  const namedMedia = new NamedMedia({ names, newMedia, newContent, writer: parts.writer })
  const types = new TypeCheck({ rules: parts.types })
  const reception = new Reception({ blobs, types, fault })
  const commitment = new Commitment({ database, blobs, newMedia, types, fault, facts, initialScan })
  const shared = {
    types,
    database,
    storage,
    stores,
    blobs,
    reception,
    commitment,
    newMedia,
    expiry,
    idempotency,
    fault,
    quotas,
  }
  const limits = { maxBytes, seconds }

  const ingest = new IngestService({ ...shared, ...limits, newContent, namedMedia })
  const count = countUploads(foundation.metrics)
  const sizeOf = ({ size }: { readonly size?: number | null }) => size
  const byGraphQL = {
    ingest: count('graphql', ingest.ingest.bind(ingest), sizeOf),
    replace: count('graphql', ingest.replace.bind(ingest), sizeOf),
  }
  tellOfTus(foundation.metrics, database)

  const urls = new TicketUrls({ keys: signingKeys, publicUrl })
  const presigned = new PresignedUploads({ ...shared, ...limits })
  const collected = { collect: count('presigned', presigned.collect.bind(presigned), sizeOf) }
  const tickets = new Tickets({ ...shared, ...limits, newContent, presigned, urls, newId })
  const ticketBytes = new TicketBytes({ ...shared, ...limits })
  const completion = new TicketCompletion({ ...shared, ...limits, tickets, presigned: collected })

  const hashes = new RunningHashes()
  const arrivals = new TusArrivals({ ...shared, ...limits, hashes })
  const creations = new TusCreations({ ...shared, ...limits, ticketBytes, isResumable, newId })
  const finish = new TusFinish({ ...shared, ...limits, creations, arrivals, ticketBytes })
  const tus = new TusService({
    ...shared,
    tickets,
    creations,
    appends: new TusAppend({ ...shared, hashes }),
    finish: {
      finish: count('tus', finish.finish.bind(finish), (_, __, { length }) => length),
    },
    locks: new TusLocks({ database }),
  })

  const places = config.IMPORT_FROM_URL
  const outgoing = places && new Outgoing({ places, silenceMs: 30_000, userAgent: 'media-gateway' })
  const queue = new JobQueue({ database })
  const pending = new PendingMedia({ database, outbox, contents, expiry, expiredNames })
  const imports = new ImportService({ ...shared, pending, jobs: queue, places: outgoing, newId })
  const progress = new ImportProgress({ database })
  const importJob = new ImportJob({
    pending,
    progress,
    ingest: { ingestFor: count('import', ingest.ingestFor.bind(ingest), sizeOf) },
    files: outgoing && new RemoteFiles({ outgoing }),
    seconds: config.IMPORT_SECONDS,
  })

  return {
    by: door => ({
      ingest: count(door, ingest.ingest.bind(ingest), sizeOf),
      put: count(door, ingest.put.bind(ingest), sizeOf),
      mostBytes: types.mostOf(door),
    }),
    imports,
    resolvers: [
      new UploadLimitsResolver({ ...limits, rules: parts.types, maxFiles: config.MAX_UPLOAD_FILES }),
      new UploadResolver({ ingest: byGraphQL, maxFiles: config.MAX_UPLOAD_FILES }),
      new ReplaceResolver({ ingest: byGraphQL, completion }),
      new TicketResolver({
        tickets,
        completion,
        presigned,
        urls,
        clock,
        isResumable: ticket => isResumable(stores.storeFor(ticket)),
      }),
      new ImportResolver({ imports }),
      new ImportProgressResolver({ progress }),
    ],
    routes: [
      putRoutes({ tickets, bytes: { store: count('put', ticketBytes.store.bind(ticketBytes), sizeOf) } }),
      ...(storage.storeIds.some(isResumable) ? [tusRoutes({ tus, viewerOf, publicUrl, maxBytes })] : []),
    ],
    jobs: [
      {
        name: IMPORT_JOB,
        lane: 'waiting',
        run: (payload, { job, abortSignal }) =>
          importJob.run((payload as { mediaId: string }).mediaId, {
            number: job.attempts,
            stopped: abortSignal,
          }),
      },
      {
        name: 'imports.giveBack',
        cron: '* * * * *',
        run: () => queue.giveBack(IMPORT_JOB, config.IMPORT_SECONDS + 60),
      },
      {
        name: 'uploads.forget',
        cron: '47 * * * *',
        async run() {
          await tus.forget()
          await tickets.forget()
        },
      },
    ],
  }
}
