import { table } from '../../scripts/markdown.ts'
import { OUTCOMES, type Outcome } from './outcomes.ts'
import type { ApiPromise } from './promise.ts'
import { SYSTEMS } from './systems.ts'

export type Outcomes = ReadonlyMap<string, Outcome>

interface Row extends ApiPromise {
  readonly id: string
  readonly group: string
  readonly outcome: Outcome
}

const HEAD = ['promises', ...OUTCOMES]

/** COVERAGE.md: the same for the same outcomes, whenever and wherever they were found. */
export function coveragePage(outcomes: Outcomes): string {
  const systems = Object.values(SYSTEMS).map(system => ({
    ...system,
    rows: rowsOf(system.promises, outcomes),
  }))
  const all = systems.flatMap(({ rows }) => rows)
  const lines = [
    '# What is promised to clients of four APIs',
    '',
    'Written by `npm run acceptance`. Each promise has one test, which has its id; where the lines come from that are quoted, and what more is',
    'known, say the `promises.ts` beside. A promise whose test fails, is skipped or is not there is missing. `BOTH` are the points at which',
    'documentation and clients differ, `OURS` what the gateway promises beyond the documentation.',
    '',
    ...table(
      ['system', ...HEAD],
      [...systems.map(({ title, rows }) => [title, ...counts(rows)]), ['all', ...counts(all)]],
    ),
    '',
    '## Missing',
    '',
    ...missing(all),
    ...systems.flatMap(({ title, rows }) => ['', `## ${title}`, '', ...section(rows)]),
  ]
  return `${lines.join('\n')}\n`
}

/** Of a page: the ids that it names, and the outcome that it states for each. */
export function statedOutcomes(page: string): Map<string, string> {
  const rows = page.matchAll(/^\| ([A-Z]+-[A-Z]+-\d{2}) \| ([^|]+) \|/gm)
  return new Map([...rows].map(([, id = '', outcome = '']) => [id, outcome]))
}

function rowsOf(promises: Readonly<Record<string, ApiPromise>>, outcomes: Outcomes): Row[] {
  return Object.entries(promises).map(([id, promised]) => ({
    ...promised,
    id,
    group: id.split('-')[1] ?? '',
    outcome: outcomes.get(id) ?? 'without a test',
  }))
}

function counts(rows: readonly Row[]): string[] {
  const ofEach = OUTCOMES.map(outcome => rows.filter(row => row.outcome === outcome).length)
  return [rows.length, ...ofEach].map(String)
}

function missing(rows: readonly Row[]): string[] {
  const lines = rows
    .filter(({ outcome }) => outcome !== 'kept')
    .map(({ id, outcome, quote, means }) => `- ${id}, ${outcome}: ${quote ? `“${quote}”` : means}`)
  return lines.length > 0 ? lines : ['None.']
}

function section(rows: readonly Row[]): string[] {
  const groups = [...Map.groupBy(rows, ({ group }) => group)]
  return [
    ...table(
      ['group', ...HEAD],
      groups.map(([group, ofGroup]) => [group, ...counts(ofGroup)]),
    ),
    '',
    ...table(
      ['id', 'outcome', 'what a client observes'],
      groups.flatMap(([, ofGroup]) => ofGroup).map(({ id, outcome, means }) => [id, outcome, means]),
    ),
  ]
}
