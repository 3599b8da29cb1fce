import type { Config } from './config.ts'
import type { InsightService } from './features/insight/insight.service.ts'
import { Backlog } from './features/processing/backlog.ts'
import { FactsResolver, PlaceholderResolver } from './features/processing/facts.resolver.ts'
import { Pipeline, PROCESS_JOB } from './features/processing/pipeline.ts'
import { type Pictures, PreviewStep } from './features/processing/preview.step.ts'
import { ProbeStep } from './features/processing/probe.step.ts'
import { ProcessJob } from './features/processing/process.job.ts'
import { ProcessingResolver } from './features/processing/processing.resolver.ts'
import { Reprocessing } from './features/processing/reprocessing.ts'
import type { Step } from './features/processing/step.ts'
import { StepRows } from './features/processing/step-rows.ts'
import { StepsOfMedia } from './features/processing/steps-of-media.ts'
import { Stranded } from './features/processing/stranded.ts'
import { TechnicalMetadata } from './features/processing/technical-metadata.ts'
import { Unscanned } from './features/scan/unscanned.ts'
import { THUMBNAIL } from './features/transform/presets/presets.ts'
import { isDrawing, isPictureItself } from './features/transform/variants/variant-source.ts'
import type { Foundation } from './foundation.ts'
import type { PictureParts } from './pictures.ts'
import type { Outbox } from './platform/events/outbox.ts'
import { JobQueue } from './platform/jobs/job-queue.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import type { Scans } from './scans.ts'

/** Examination, preview and thumbnail, each waited for behind others; a HEIC takes a minute at most. */
const SECONDS_BESIDE_SCAN = 180

export interface UnderstandingParts {
  readonly config: Pick<Config, 'SCAN_SECONDS'>
  readonly foundation: Foundation
  readonly outbox: Outbox
  readonly insight: InsightService
  /** Its steps come before anything is looked into. */
  readonly scans: Pick<Scans, 'steps' | 'scanner'>
  readonly pictures: Pick<PictureParts, 'variants' | 'presets'>
}

/** What is done with contents after they have come, put together. */
export interface Understanding {
  readonly pipeline: Pipeline
  /** In the order in which they are done. */
  readonly steps: readonly Step[]
  readonly backlog: Backlog
  readonly resolvers: readonly object[]
  readonly jobs: readonly JobKind[]
}

export function composeUnderstanding({
  config,
  foundation,
  outbox,
  insight,
  scans,
  pictures: { variants, presets },
}: UnderstandingParts): Understanding {
  const { database, storage, log } = foundation
  const queue = new JobQueue({ database })
  const pictures: Pictures = {
    isPicture: isPictureItself,
    isDrawing,
    keep: async (content, picture, body) => void (await variants.put(content, picture, body)),
    makeThumbnail: (content, signal) =>
      variants.keep(content, presets.named(content.accountId, THUMBNAIL), signal),
  }
  const steps: Step[] = [
    ...scans.steps,
    new ProbeStep({ database, storage, insight }),
    new PreviewStep({ database, storage, insight, pictures }),
  ]
  const pipeline = new Pipeline({ steps, jobs: queue })
  const seconds = config.SCAN_SECONDS + SECONDS_BESIDE_SCAN
  const rows = new StepRows({ database, outbox })
  const job = new ProcessJob({ steps, rows, seconds, log })
  const stranded = new Stranded({ database, rows, pipeline })
  const { scanner } = scans
  const unscanned = scanner && new Unscanned({ database, scanner, pipeline })
  return {
    pipeline,
    steps,
    backlog: new Backlog({ database, pipeline }),
    resolvers: [
      new FactsResolver({ technical: new TechnicalMetadata({ database }) }),
      new PlaceholderResolver(),
      new ProcessingResolver({
        steps: new StepsOfMedia({ database }),
        reprocessing: new Reprocessing({ database, pipeline }),
      }),
    ],
    jobs: [
      {
        name: PROCESS_JOB,
        lane: 'working',
        run: (payload, { job: { attempts }, abortSignal }) =>
          job.run((payload as { mediaId: string }).mediaId, { number: attempts, stopped: abortSignal }),
      },
      {
        name: 'media.mend',
        cron: '* * * * *',
        async run() {
          await queue.giveBack(PROCESS_JOB, seconds + 60)
          await stranded.mend()
          await unscanned?.beginAgain()
        },
      },
    ],
  }
}
