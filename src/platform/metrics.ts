import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** One metric as its table declares it. Labels have few values each: never an id, a name or a URL of anybody. */
export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** What it counts, for the docs and for who reads it. */
  readonly about: string
  /** What it means when it moves, and what to do then; for docs/operations.md. */
  readonly advice: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[]
}
/** Metrics of one part, by their names without the prefix, in the form of Prometheus: base units, `_total` for counters. */
export type MetricTable = Readonly<Record<string, Metric>>

type InstrumentOf<M extends Metric> = M['type'] extends 'counter'
  ? Counter<M['labels'][number]>
  : M['type'] extends 'gauge'
    ? Gauge<M['labels'][number]>
    : Histogram<M['labels'][number]>
export type Instruments<T extends MetricTable> = { readonly [Name in keyof T]: InstrumentOf<T[Name]> }

/** Gauges that are named as counters are; `nodejs_active_resources` and the like tell the same, by type. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
]

/** What every name of ours begins with; those of the process itself are named as everywhere. */
export const METRIC_PREFIX = 'media_gateway_'

/**
 * What one process counts, and how it is read: each part declares a table and is given its instruments. Values of the database are
 * set when they are read.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #defined = new Map<MetricTable, unknown>()
  readonly #readers: (() => Promise<void>)[] = []
  #tellsOfProcess = false

  /** The instruments of a table, each time the same. A name belongs to one table: another one that has it throws. */
  define<const T extends MetricTable>(table: T): Instruments<T> {
    const instruments =
      this.#defined.get(table) ??
      Object.fromEntries(Object.entries(table).map(([name, metric]) => [name, this.#make(name, metric)]))
    this.#defined.set(table, instruments)
    return instruments as Instruments<T>
  }

  /** Called before each reading, to set what is not counted as it happens; must not reject. */
  beforeReading(read: () => Promise<void>): void {
    this.#readers.push(read)
  }

  /** Memory, CPU, event loop and garbage collection of this process, from now on. */
  tellOfProcess(): void {
    if (!this.#tellsOfProcess) collectDefaultMetrics({ register: this.#registry })
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name)
    this.#tellsOfProcess = true
  }

  /** All of them in the text format of Prometheus, version 0.0.4. */
  async text(): Promise<string> {
    await Promise.all(this.#readers.map(read => read()))
    return this.#registry.metrics()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  #make(name: string, { type, about, labels, buckets }: Metric): Counter | Gauge | Histogram {
    const shape = {
      name: METRIC_PREFIX + name,
      help: about,
      labelNames: [...labels],
      registers: [this.#registry],
    }
    if (type === 'counter') return new Counter(shape)
    if (type === 'gauge') return new Gauge(shape)
    return new Histogram({ ...shape, ...(buckets ? { buckets: [...buckets] } : {}) })
  }
}
