import { access, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reference } from '../../scripts/reference.ts'
import '../../src/app.ts'
import { CONFIG_TABLE } from '../../src/config.ts'
import { EXIT } from '../../src/entrances/cli/terminal.ts'
import { LIMITS } from '../../src/entrances/graphql/limits.ts'
import { ACTIONS } from '../../src/features/access/actions.ts'
import { SCOPES } from '../../src/features/access/scopes.ts'
import { FINDINGS, INVARIANTS } from '../../src/features/blobs/doctor/findings.ts'
import { DPR, OPERATIONS } from '../../src/features/transform/recipe/operations.ts'
import { METRIC_TABLE } from '../../src/metrics.ts'
import { DEFAULT_PAGE, MAX_PAGE } from '../../src/platform/db/keyset.ts'
import { errorCodes } from '../../src/platform/errors.ts'
import { METRIC_PREFIX } from '../../src/platform/metrics.ts'
import { projectFile } from '../support/project-file.ts'

test('docs/reference.md says what the tables say; "npm run docs" writes it', async () => {
  const text = reference({
    config: CONFIG_TABLE,
    errors: errorCodes(),
    scopes: SCOPES,
    actions: ACTIONS,
    limits: LIMITS,
    page: { default: DEFAULT_PAGE, max: MAX_PAGE },
    exitCodes: EXIT,
    invariants: INVARIANTS,
    findings: FINDINGS,
    operations: { ...OPERATIONS, dpr: DPR },
    metrics: METRIC_TABLE,
    metricPrefix: METRIC_PREFIX,
  })
  expect(await projectFile('docs/reference.md')).toBe(text)
})

test('every link of the docs to a file of the project leads to one', async () => {
  const decisions = (await readdir(new URL('../../docs/decisions', import.meta.url))).map(
    name => `docs/decisions/${name}`,
  )
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'docs/reference.md',
    'docs/operations.md',
    'docs/graphql-over-http.md',
    'docs/webhooks.md',
    'docs/storage-faults.md',
    ...decisions,
  ]
  const broken: string[] = []
  for (const page of pages) {
    for (const [, target = ''] of (await projectFile(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const path = join(dirname(page), target)
      await access(new URL(`../../${path}`, import.meta.url)).catch(() => broken.push(`${page}: ${target}`))
    }
  }
  expect(broken).toEqual([])
})

test('every runtime dependency has its reason, and every reason its dependency', async () => {
  const { dependencies } = JSON.parse(await projectFile('package.json'))
  const text = await projectFile('docs/decisions/010-dependencies.md')
  const reasons = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(match => match[1])
  expect(reasons.sort()).toEqual(Object.keys(dependencies).sort())
})

test('every command and variable that the README names exists', async () => {
  const readme = await projectFile('README.md')
  const { scripts } = JSON.parse(await projectFile('package.json'))
  const commands = [...readme.matchAll(/npm run ([\w:]+)/g)].map(match => match[1] ?? '')
  expect(commands.filter(name => !(name in scripts))).toEqual([])
  const variables = [...readme.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(match => match[0])
  // Those that the SDK of S3 reads by itself.
  const vendors = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'MALLOC_ARENA_MAX']
  const known = new Set([...Object.keys(CONFIG_TABLE), ...errorCodes().map(([code]) => code), ...vendors])
  expect(variables.filter(name => !known.has(name))).toEqual([])
})
