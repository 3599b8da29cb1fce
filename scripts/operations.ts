import type { JobKind } from '../src/platform/jobs/job-runner.ts'
import type { MetricTable } from '../src/platform/metrics.ts'
import { table } from './markdown.ts'

export interface OperationsTables {
  readonly metrics: MetricTable
  readonly metricPrefix: string
  readonly jobs: readonly Pick<JobKind, 'name' | 'cron' | 'lane'>[]
  /** What each job does, by its name. */
  readonly meanings: Readonly<Record<string, string>>
}

/** The text of docs/operations.md with its tables of jobs and metrics as the source has them now; throws for a job without a meaning. */
export function operations(
  text: string,
  { metrics, metricPrefix, jobs, meanings }: OperationsTables,
): string {
  const jobTable = table(
    ['Job', 'When', 'What it does'],
    jobs.map(({ name, cron }) => {
      const meaning = meanings[name]
      if (meaning === undefined) throw new Error(`src/jobs.ts does not say what ${name} does`)
      return [`\`${name}\``, cron === undefined ? 'when it is asked for' : `\`${cron}\``, meaning]
    }),
  )
  const metricTable = table(
    ['Metric', 'Type', 'Labels', 'What it tells', 'When it moves'],
    Object.entries(metrics).map(([name, { type, labels, about, advice }]) => [
      `\`${metricPrefix}${name}\``,
      type,
      labels.join(', '),
      about,
      advice,
    ]),
  )
  return within(within(text, 'jobs', jobTable), 'metrics', metricTable)
}

function within(text: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name}: made by "npm run docs" -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/operations.md has no place for ${name}`)
  return [text.slice(0, from + begin.length), '', ...lines, '', text.slice(to)].join('\n')
}
