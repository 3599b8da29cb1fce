import { spawnSync } from 'node:child_process'

interface Family {
  help?: string
  type?: string
  readonly labels: Set<string>
  readonly names: Set<string>
}

const UNITS =
  /(?:^|_)(milliseconds|microseconds|nanoseconds|minutes|hours|days|weeks|kilobytes|megabytes|gigabytes|bits|percent|celsius_degrees|inches|miles|grams)(?:_|$)/
const ABBREVIATED = /_(s|ms|us|ns|sec|b|kb|mb|gb|tb|pb|m|h|d)(?:_|$)/
const TYPES = /(?:^|_)(gauge|counter|histogram|summary|metric|untyped)(?:_|$)/
const SUFFIXES = /_(bucket|count|sum)$/

/** Every breach of what `promtool check metrics` asks of a page of metrics, in words. */
export function lintMetrics(text: string): string[] {
  const { families, problems } = parsed(text)
  for (const [name, family] of families) problems.push(...lint(name, family).map(what => `${name}: ${what}`))
  return problems
}

function parsed(text: string) {
  const families = new Map<string, Family>()
  const problems: string[] = []
  const seen = new Set<string>()
  const familyOf = (name: string) => {
    const family = families.get(name) ?? { labels: new Set(), names: new Set() }
    families.set(name, family)
    return family
  }
  for (const line of text.split('\n').filter(Boolean)) {
    const [, what, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? []
    if (what === 'HELP') familyOf(name).help = rest
    else if (what === 'TYPE') familyOf(name).type = rest
    else {
      const [, series = '', sample = '', labels = ''] =
        /^(([^{\s]+)(?:\{((?:[^"]|"(?:[^"\\]|\\.)*")*)\})?) (?:[-+]?[\d.]+(?:e[-+]?\d+)?|[-+]Inf|NaN)$/i.exec(
          line,
        ) ?? []
      if (!series) problems.push(`not a line of the text format: ${line}`)
      if (seen.has(series)) problems.push(`twice: ${series}`)
      seen.add(series)
      const base = sample.replace(SUFFIXES, '')
      const family = familyOf(families.has(sample) || !families.has(base) ? sample : base)
      family.names.add(sample)
      for (const [, label = ''] of labels.matchAll(/([^{,="]+)="(?:[^"\\]|\\.)*"/g)) family.labels.add(label)
    }
  }
  return { families, problems }
}

function lint(name: string, { help, type, labels }: Family): string[] {
  const isBucketed = type === 'histogram'
  const isCounter = type === 'counter'
  const rules: readonly (readonly [boolean, string])[] = [
    [!help, 'no help text'],
    [!type || type === 'untyped', 'no type'],
    [!/^[a-z_][a-z0-9_]*$/.test(name), 'the name is not in snake_case'],
    [isCounter && !name.endsWith('_total'), 'a counter without _total'],
    [!isCounter && name.endsWith('_total'), 'no counter, but named like one'],
    [SUFFIXES.test(name), 'ends as a histogram does'],
    [UNITS.test(name) || ABBREVIATED.test(name), 'no base unit, in full'],
    [TYPES.test(name), 'the name says its type'],
    [!isBucketed && labels.has('le'), 'le is of histograms'],
    [type !== 'summary' && labels.has('quantile'), 'the label quantile belongs to summaries'],
    [[...labels].some(label => !/^[a-z_][a-z0-9_]*$/.test(label)), 'a label is not in snake_case'],
    [
      [...labels].some(label => label.startsWith('__') || ['job', 'instance'].includes(label)),
      'a label is reserved',
    ],
  ]
  return rules.filter(([isBroken]) => isBroken).map(([, what]) => what)
}

/** What promtool itself says, with its exit code; null where there is none (Debian has it in the package `prometheus`). */
export function promtool(
  args: readonly string[],
  input = '',
): { status: number | null; text: string } | null {
  const { error, status, stdout, stderr } = spawnSync(process.env.PROMTOOL ?? 'promtool', args, {
    input,
    encoding: 'utf8',
  })
  if (error) return null
  return { status, text: `${stdout}${stderr}` }
}
