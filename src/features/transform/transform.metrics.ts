import { AppError } from '../../platform/errors.ts'
import type { Metrics, MetricTable } from '../../platform/metrics.ts'

export const transformMetrics = {
  variant_requests_total: {
    type: 'counter',
    about:
      'Pictures that were asked for: `hit` when they were there, `miss` when they had to be made or waited for.',
    advice:
      '`miss` near `hit`: VARIANT_CACHE_BYTES is too small, or clients ask for ever new sizes; see IMAGE_PRESETS_ONLY.',
    labels: ['result'],
  },
  renders_total: {
    type: 'counter',
    about: 'Pictures that were made: `ok`, `refused` for what cannot be transformed, `busy`, or `failed`.',
    advice:
      '`busy`: raise IMAGE_RENDERERS where there are processors, or IMAGE_QUEUE. `failed`: the log has why.',
    labels: ['outcome'],
  },
  render_seconds: {
    type: 'histogram',
    about: 'Time from when a picture was begun until it lay in the store, waiting for a renderer included.',
    advice: 'Growing with the same pictures: processors are short, or the store is slow.',
    labels: [],
    buckets: [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  evicted_variants_total: {
    type: 'counter',
    about:
      'Pictures that were removed: `orphan` when their content was gone, `quota` when there were too many bytes of them.',
    advice: '`quota` growing fast: pictures are made and thrown away again; raise VARIANT_CACHE_BYTES.',
    labels: ['reason'],
  },
} as const satisfies MetricTable

/** Counts what is made, and what was there. */
export class TransformTold {
  readonly #instruments

  constructor(metrics: Metrics) {
    this.#instruments = metrics.define(transformMetrics)
  }

  asked(result: 'hit' | 'miss'): void {
    this.#instruments.variant_requests_total.inc({ result })
  }

  evicted(reason: 'orphan' | 'quota', count: number): void {
    this.#instruments.evicted_variants_total.inc({ reason }, count)
  }

  async rendering<T>(work: () => Promise<T>): Promise<T> {
    const { renders_total: renders, render_seconds: seconds } = this.#instruments
    const end = seconds.startTimer()
    try {
      const made = await work()
      renders.inc({ outcome: 'ok' })
      end()
      return made
    } catch (error) {
      renders.inc({ outcome: outcomeOf(error) })
      throw error
    }
  }
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof AppError)) return 'failed'
  if (error.code === 'RENDERERS_BUSY') return 'busy'
  return error.status < 500 ? 'refused' : 'failed'
}
