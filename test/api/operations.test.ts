import { METRIC_TABLE } from '../../src/metrics.ts'
import { METRIC_PREFIX } from '../../src/platform/metrics.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { lintMetrics, promtool } from '../support/metric-lint.ts'
import { processed, startPipeline } from '../support/processing.ts'

test.skip('placeholder', () => undefined)
