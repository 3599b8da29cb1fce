import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { operations } from '../../scripts/operations.ts'
import { JOB_MEANINGS } from '../../src/jobs.ts'
import { METRIC_TABLE } from '../../src/metrics.ts'
import { METRIC_PREFIX as M } from '../../src/platform/metrics.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { lintMetrics, promtool } from '../support/metric-lint.ts'
import { projectFile } from '../support/project-file.ts'

const TOKEN = 'metrics-token-for-tests'
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ METRICS_TOKEN: TOKEN })
})
afterAll(() => gateway.close())

const read = async () =>
  (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text()

test('the page passes the rules of promtool, by our own reading of them and by its own', async () => {
  await gateway.upload({ bytes: fixture('photo-gps.jpg').bytes() })
  const text = await read()
  expect(lintMetrics(text)).toEqual([])
  const said = promtool(['check', 'metrics'], text)
  if (said) expect(said).toEqual({ status: 0, text: '' })
  else console.info('promtool is not installed: our own reading of its rules stands alone')
})

test.each<readonly [text: string, problem: string, promtool?: 'passes']>([
  ['# TYPE a gauge\na 1', 'a: no help text'],
  ['# HELP a Some.\na 1', 'a: no type', 'passes'],
  ['# HELP a Some.\n# TYPE a counter\na 1', 'a: a counter without _total'],
  ['# HELP a_total Some.\n# TYPE a_total gauge\na_total 1', 'a_total: no counter, but named like one'],
  ['# HELP a_ms Some.\n# TYPE a_ms gauge\na_ms 1', 'a_ms: no base unit, in full'],
  ['# HELP a_minutes Some.\n# TYPE a_minutes gauge\na_minutes 1', 'a_minutes: no base unit, in full'],
  ['# HELP a_count Some.\n# TYPE a_count gauge\na_count 1', 'a_count: ends as a histogram does'],
  ['# HELP aB Some.\n# TYPE aB gauge\naB 1', 'aB: the name is not in snake_case'],
  ['# HELP a_gauge Some.\n# TYPE a_gauge gauge\na_gauge 1', 'a_gauge: the name says its type'],
  ['# HELP a Some.\n# TYPE a gauge\na{le="1"} 1', 'a: le is of histograms'],
  ['# HELP a Some.\n# TYPE a gauge\na{aB="1"} 1', 'a: a label is not in snake_case'],
  ['# HELP a Some.\n# TYPE a gauge\na{x="1"} 1\na{x="1"} 2', 'twice: a{x="1"}', 'passes'],
])('the rules find a page that breaks them: %#', (text = '', problem = '', there) => {
  expect(lintMetrics(text)).toContain(problem)
  const said = promtool(['check', 'metrics'], `${text}\n`)
  if (said && there !== 'passes') expect(said.status).not.toBe(0)
})

describe('docs/operations.md', () => {
  /** Every name of a metric in a text, without what a histogram adds to it. */
  const namesIn = (text: string) =>
    new Set(
      [...text.matchAll(/\b(?:media_gateway|process|nodejs)_[a-z0-9_]+\b/g)]
        .map(([name]) => name)
        .filter(name => name !== 'media_gateway_')
        .map(name => name.replace(/_(bucket|count|sum)$/, '')),
    )

  test('has the tables that the source has now; "npm run docs" writes them', async () => {
    const text = await projectFile('docs/operations.md')
    const { jobs } = gateway.app
    const tables = { metrics: METRIC_TABLE, metricPrefix: M, jobs, meanings: JOB_MEANINGS }
    expect(operations(text, tables)).toBe(text)
    expect(Object.keys(JOB_MEANINGS).sort()).toEqual(jobs.map(({ name }) => name).sort())
  })

  test('names metrics that are there, and every one of ours', async () => {
    const told = new Set([...(await read()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    const named = namesIn(await projectFile('docs/operations.md'))
    expect([...named].filter(name => !told.has(name))).toEqual([])
    expect([...told].filter(name => name?.startsWith(M) && !named.has(name))).toEqual([])
  })

  test('its alerts are rules of Prometheus about metrics and labels that are there', async () => {
    const text = await projectFile('docs/alerts.yml')
    const { groups } = parse(text) as { groups: { rules: { alert: string; expr: string }[] }[] }
    const rules = groups.flatMap(group => group.rules)
    expect(rules.length).toBeGreaterThan(10)
    const told = new Set([...(await read()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    const unknown = rules.flatMap(({ alert, expr }) =>
      [...namesIn(expr)].filter(name => !told.has(name)).map(name => `${alert}: ${name}`),
    )
    expect(unknown).toEqual([])
    expect(rules.filter(({ expr }) => namesIn(expr).size === 0)).toEqual([])
    for (const [, name = '', matchers = ''] of text.matchAll(
      /media_gateway_(\w+?)(?:_count|_bucket)?\{([^}]*)\}/g,
    )) {
      const { labels } = METRIC_TABLE[name as keyof typeof METRIC_TABLE]
      for (const [, label] of matchers.matchAll(/(\w+)=/g)) expect([name, ...labels]).toContain(label)
    }
    const said = promtool([
      'check',
      'rules',
      fileURLToPath(new URL('../../docs/alerts.yml', import.meta.url)),
    ])
    if (said)
      expect(said).toMatchObject({ status: 0, text: expect.stringContaining(`${rules.length} rules found`) })
  })
})
