import type { Readable } from 'node:stream'
import type { ScanState } from '../media/media-kind.ts'
import type { ContentRef, Step, StepOutcome } from '../processing/step.ts'
import type { Clamd } from './clamd.ts'
import { SCAN_FAILURES, type ScanFailure, type Verdict } from './clamd-reply.ts'
import { ScannerUnavailable } from './conversation.ts'
import type { LimitsTold } from './limits-told.ts'
import type { ScanObserver } from './scan.metrics.ts'
import type { ScanResults } from './scan-results.ts'

export interface ScanStepDeps {
  readonly scanner: Pick<Clamd, 'scan'>
  readonly limits: Pick<LimitsTold, 'findOut'>
  readonly storage: { readOrLost(content: ContentRef): Promise<Readable> }
  readonly results: Pick<ScanResults, 'write'>
  readonly observe: ScanObserver
  /** Told of each find, once it is written down. */
  readonly onInfected: (content: ContentRef, signature: string) => void
  /** Larger contents are not scanned. */
  readonly maxBytes: number
  /** Whether what could not be scanned is kept back; then nothing more is done with it. */
  readonly isClosed: boolean
}

/** Has contents looked through for malware. Nothing but the scanner's own verdict on all of a content makes it CLEAN. */
export class ScanStep implements Step {
  readonly name = 'scan'

  constructor(private readonly deps: ScanStepDeps) {}

  appliesTo(): boolean {
    return true
  }

  /** Rejects with ScannerUnavailable when there is no verdict, having said so at the content. */
  async run(content: ContentRef, signal: AbortSignal): Promise<StepOutcome> {
    const { results } = this.deps
    try {
      const verdict = await this.#verdictOn(content, signal)
      const standing = await results.write(content, resultOf(verdict))
      if (verdict.result === 'infected') this.deps.onInfected(content, verdict.signature)
      return this.#outcomeOf(verdict, standing)
    } catch (error) {
      if (error instanceof ScannerUnavailable)
        await results.write(content, { state: 'ERROR', detail: UNAVAILABLE, isPassing: true })
      throw error
    }
  }

  async #verdictOn(content: ContentRef, signal: AbortSignal): Promise<Verdict> {
    const { scanner, storage, limits, observe, maxBytes } = this.deps
    const { size } = content
    if (size > maxBytes) {
      observe('error', 0)
      return {
        result: 'error',
        reason: 'too-large',
        detail: `${size} bytes; contents of at most ${maxBytes} are scanned`,
      }
    }
    const began = performance.now()
    const tell = (result: Parameters<ScanObserver>[0]) => observe(result, (performance.now() - began) / 1000)
    try {
      const verdict = await scanner.scan({ size, open: () => storage.readOrLost(content) }, signal)
      tell(verdict.result)
      // Of a scanner that answers: asked ahead of the content, one that hangs would be waited for twice.
      await limits.findOut(signal)
      return verdict
    } catch (error) {
      if (error instanceof ScannerUnavailable) tell('unavailable')
      throw error
    }
  }

  #outcomeOf(verdict: Verdict, standing: ScanState | null): StepOutcome {
    if (verdict.result === 'clean') return { state: 'DONE' }
    if (verdict.result === 'infected')
      return { state: 'FAILED', reason: 'infected', detail: verdict.signature, stop: 'infected' }
    const { reason, detail } = verdict
    const failed = { state: 'FAILED', reason, detail } as const
    // Found infected before: nobody opens it only because it cannot be scanned today.
    if (standing === 'INFECTED') return { ...failed, stop: 'infected' }
    return this.deps.isClosed ? { ...failed, stop: reason } : failed
  }
}

const UNAVAILABLE = 'The scanner gave no verdict; it is asked again.'

function resultOf(verdict: Verdict) {
  if (verdict.result === 'clean') return { state: 'CLEAN', detail: null } as const
  if (verdict.result === 'infected') return { state: 'INFECTED', detail: verdict.signature } as const
  return { state: 'ERROR', detail: wordsFor(verdict.reason, verdict.detail) } as const
}

const wordsFor = (reason: ScanFailure, detail: string): string =>
  `${reason}: ${SCAN_FAILURES[reason]} (${detail})`
