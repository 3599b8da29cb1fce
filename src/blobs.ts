import type { Config } from './config.ts'
import { BlobService } from './features/blobs/blob.service.ts'
import { BlobsMetrics } from './features/blobs/blobs.metrics.ts'
import { Contents } from './features/blobs/doctor/contents.ts'
import { Counts } from './features/blobs/doctor/counts.ts'
import { Doctor } from './features/blobs/doctor/doctor.ts'
import { Objects } from './features/blobs/doctor/objects.ts'
import { PurgeFindings } from './features/blobs/doctor/purge-findings.ts'
import { Remedies } from './features/blobs/doctor/remedies.ts'
import { EpochJob } from './features/blobs/epochs/epoch.job.ts'
import { StoreEpochs } from './features/blobs/epochs/store-epochs.ts'
import { Inspections } from './features/blobs/inspections.ts'
import type { Quotas } from './features/blobs/quotas.ts'
import { Reaper } from './features/blobs/reaper.ts'
import { ScrubPositions } from './features/blobs/scrubber/scrub-positions.ts'
import { Scrubber } from './features/blobs/scrubber/scrubber.ts'
import type { Foundation } from './foundation.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import { abandonedTempFolders } from './platform/temp-folder.ts'

/** The life of bytes, and who looks after it: reaper, doctor, scrubber, epochs of the stores. */
export interface BlobParts {
  readonly blobs: BlobService
  readonly reaper: Reaper
  readonly doctor: Doctor
  readonly epochs: StoreEpochs
  readonly inspections: Inspections
  readonly jobs: readonly JobKind[]
}

/** The name of the job that begins epochs, so that a start can ask for it at once. */
export const EPOCH_JOB = 'stores.beginEpoch'

export function composeBlobs(config: Config, foundation: Foundation, quotas: Quotas): BlobParts {
  const { log, database, storage, newId, fault, tempRoot, metrics } = foundation
  const onLeftover = (error: unknown) =>
    log.warn({ err: error }, 'bytes could not be removed; the reaper will try again')
  const leaseSeconds = config.UPLOAD_LEASE_SECONDS
  const blobs = new BlobService({ database, storage, newId, fault, onLeftover, leaseSeconds, quotas })
  const epochs = new StoreEpochs({ database, storage, newId, fault })
  const reaper = new Reaper({ database, storage, blobs, epochs, fault, onLeftover })

  const inspections = new Inspections({ database })
  const told = new BlobsMetrics({ metrics, database, inspections })
  const contents = new Contents({ database, storage })
  const objects = new Objects({ database, storage })
  const counts = new Counts({ database })
  const remedies = new Remedies({ database, storage, epochs, contents, objects, counts })
  const doctor = new Doctor({
    database,
    storage,
    epochs,
    contents,
    objects,
    counts,
    purges: new PurgeFindings({ database }),
    remedies,
    fault,
    abandonedTempFolders: () => abandonedTempFolders(tempRoot),
  })
  const scrubber = new Scrubber({
    storage,
    epochs,
    contents,
    objects,
    remedies,
    positions: new ScrubPositions({ database }),
    inspections,
    sample: config.SCRUB_SAMPLE,
    maxBytes: config.SCRUB_MAX_BYTES,
    bytesPerSecond: config.SCRUB_BYTES_PER_SECOND,
    days: config.SCRUB_DAYS,
    onFinding(finding, lost) {
      told.found(finding)
      log.error({ ...finding, lost }, 'the scrubber has found damage; "media-gateway doctor" says more')
    },
    onFailure: (store, error) => log.error({ err: error, store }, 'a store could not be scrubbed'),
  })
  const epochJob = new EpochJob({
    storage,
    epochs,
    inspections,
    onBroken: (store, message) => log.error({ store }, message),
    onFailure: (store, error) => log.warn({ err: error, store }, 'no epoch of a store could be begun'),
  })
  return {
    blobs,
    reaper,
    doctor,
    epochs,
    inspections,
    jobs: [
      { name: 'blobs.reap', cron: '* * * * *', run: async () => told.reaped(await reaper.run()) },
      { name: EPOCH_JOB, cron: '*/10 * * * *', run: () => epochJob.run() },
      {
        name: 'blobs.scrub',
        cron: '11 2 * * *',
        lane: 'waiting',
        run: async (_, { abortSignal }) => told.scrubbed(await scrubber.run(abortSignal)),
      },
    ],
  }
}
