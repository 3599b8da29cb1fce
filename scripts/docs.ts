// Writes docs/reference.md, the tables of docs/operations.md, and the schemas in docs/webhooks. They come from the built program: Node runs no
// decorators. What jobs there are a gateway says that is put together, on a database of its own.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../dist/app.js'
import { CONFIG_TABLE, loadConfig } from '../dist/config.js'
import { EXIT } from '../dist/entrances/cli/terminal.js'
import { LIMITS } from '../dist/entrances/graphql/limits.js'
import { ACTIONS } from '../dist/features/access/actions.js'
import { SCOPES } from '../dist/features/access/scopes.js'
import { FINDINGS, INVARIANTS } from '../dist/features/blobs/doctor/findings.js'
import { DPR, OPERATIONS } from '../dist/features/transform/recipe/operations.js'
import { PAYLOAD_VERSIONS, payloadSchema } from '../dist/features/webhooks/payload/versions.js'
import { JOB_MEANINGS } from '../dist/jobs.js'
import { METRIC_TABLE } from '../dist/metrics.js'
import { DEFAULT_PAGE, MAX_PAGE } from '../dist/platform/db/keyset.js'
import { errorCodes } from '../dist/platform/errors.js'
import { METRIC_PREFIX } from '../dist/platform/metrics.js'
import { operations } from './operations.ts'
import { reference } from './reference.ts'

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
await writeFile(new URL('../docs/reference.md', import.meta.url), text)

for (const version of PAYLOAD_VERSIONS.keys()) {
  const schema = `${JSON.stringify(payloadSchema(version), null, 2)}\n`
  await writeFile(new URL(`../docs/webhooks/v${version}.json`, import.meta.url), schema)
}

const dataDir = await mkdtemp(join(tmpdir(), 'media-gateway-docs-'))
const app = await createApp(loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'error' }), {
  notice: () => undefined,
})
const page = new URL('../docs/operations.md', import.meta.url)
const tables = { metrics: METRIC_TABLE, metricPrefix: METRIC_PREFIX, jobs: app.jobs, meanings: JOB_MEANINGS }
await writeFile(page, operations(await readFile(page, 'utf8'), tables))
await app.close()
await rm(dataDir, { recursive: true })
