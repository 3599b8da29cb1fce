// Writes docs/reference.md and the schemas in docs/webhooks. The tables come from the built program: Node runs no decorators.
import { writeFile } from 'node:fs/promises'
import '../dist/app.js'
import { CONFIG_TABLE } from '../dist/config.js'
import { EXIT } from '../dist/entrances/cli/terminal.js'
import { LIMITS } from '../dist/entrances/graphql/limits.js'
import { ACTIONS } from '../dist/features/access/actions.js'
import { SCOPES } from '../dist/features/access/scopes.js'
import { FINDINGS, INVARIANTS } from '../dist/features/blobs/doctor/findings.js'
import { DPR, OPERATIONS } from '../dist/features/transform/recipe/operations.js'
import { PAYLOAD_VERSIONS, payloadSchema } from '../dist/features/webhooks/payload/versions.js'
import { METRIC_TABLE } from '../dist/metrics.js'
import { DEFAULT_PAGE, MAX_PAGE } from '../dist/platform/db/keyset.js'
import { errorCodes } from '../dist/platform/errors.js'
import { METRIC_PREFIX } from '../dist/platform/metrics.js'
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
