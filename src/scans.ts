import type { Config } from './config.ts'
import type { ScanPolicy } from './features/delivery/scan-gate.ts'
import type { ScanState } from './features/media/media-kind.ts'
import type { MediaWriter } from './features/media/media-writer.ts'
import type { Step } from './features/processing/step.ts'
import { Clamd } from './features/scan/clamd.ts'
import { LimitsTold } from './features/scan/limits-told.ts'
import { Quarantine } from './features/scan/quarantine.ts'
import { observeScans } from './features/scan/scan.metrics.ts'
import { ScanStep } from './features/scan/scan.step.ts'
import { ScanResults } from './features/scan/scan-results.ts'
import type { Foundation } from './foundation.ts'
import type { Outbox } from './platform/events/outbox.ts'

export interface ScanParts {
  readonly config: Config
  readonly foundation: Foundation
  readonly outbox: Outbox
  readonly writer: MediaWriter
}

/** The malware scan, as far as it is configured: without a scanner no step, no check, and nothing is kept back. */
export interface Scans {
  readonly steps: readonly Step[]
  readonly scanner: Clamd | null
  /** What is said of a content that has just come. */
  readonly initialScan: () => ScanState
  readonly policy: ScanPolicy
  /** Whether the scanner answers; where it does not, new contents are kept back or come unscanned, and all else goes on. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
}

const SILENCE_MS = 30_000

export function composeScans({ config, foundation, outbox, writer }: ScanParts): Scans {
  const { log, database, storage, metrics } = foundation
  const address = config.CLAMAV_URL
  const observe = observeScans(metrics)
  if (!address)
    return {
      steps: [],
      scanner: null,
      initialScan: () => 'NOT_CONFIGURED',
      policy: config.SCAN_POLICY ?? 'open',
      checks: {},
    }
  const policy = config.SCAN_POLICY ?? 'closed'
  const scanner = new Clamd({ address, silenceMs: SILENCE_MS, limitMs: config.SCAN_SECONDS * 1000 })
  const quarantine = new Quarantine({ writer, infected: config.SCAN_INFECTED })
  const limits = new LimitsTold({
    scanner,
    onUntold: () =>
      log.warn(
        'clamd does not say when it stops at a limit of its own, and calls clean what is packed beyond: set AlertExceedsMax in clamd.conf',
      ),
  })
  const step = new ScanStep({
    scanner,
    limits,
    storage,
    results: new ScanResults({ database, outbox, quarantine }),
    observe,
    onInfected: ({ mediaId, contentVersion }, signature) =>
      log.warn({ mediaId, contentVersion, found: signature }, 'a content is infected'),
    maxBytes: config.SCAN_MAX_BYTES,
    isClosed: policy === 'closed',
  })
  return {
    steps: [step],
    scanner,
    initialScan: () => 'PENDING',
    policy,
    checks: { scanner: () => scanner.ping() },
  }
}
