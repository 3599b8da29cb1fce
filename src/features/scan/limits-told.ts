import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { Clamd } from './clamd.ts'
import { ScannerUnavailable } from './conversation.ts'

/** More than clamd unpacks however it is configured: its MaxRecursion is 100 at most. */
const DEPTH = 120

/** Some KiB of gzip within gzip, harmless. */
function deeplyPacked(): Buffer {
  let bytes = Buffer.from('media-gateway')
  for (let depth = 0; depth < DEPTH; depth++) bytes = gzipSync(bytes, { level: 0 })
  return bytes
}

/**
 * Whether a scanner says when it has stopped at a limit of its own. Clamd does with `AlertExceedsMax` alone, which is off by default: then it
 * calls clean what is packed too deeply, is too many or too much unpacked for it, although it has not looked at it.
 */
export class LimitsTold {
  #isKnown = false

  constructor(
    private readonly deps: {
      readonly scanner: Pick<Clamd, 'scan'>
      /** Told once of a scanner that does not. */
      readonly onUntold: () => void
    },
  ) {}

  /** Finds it out the first time that the scanner answers. Rejects with the reason of the signal. */
  async findOut(signal: AbortSignal): Promise<void> {
    if (this.#isKnown) return
    const bytes = deeplyPacked()
    const sample = { size: bytes.length, open: async () => Readable.from([bytes]) }
    try {
      const verdict = await this.deps.scanner.scan(sample, signal)
      if (!this.#isKnown && verdict.result === 'clean') this.deps.onUntold()
      this.#isKnown = true
    } catch (error) {
      if (!(error instanceof ScannerUnavailable)) throw error
    }
  }
}
