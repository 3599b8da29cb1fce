import { relative } from 'node:path'
import Sequencer from '@jest/test-sequencer'

/** About how many seconds the longest files take, for the first run in a checkout: a long one that begins last is waited for alone. */
const SECONDS = {
  'test/faults/sample.test.ts': 175,
  'test/access/matrix.test.ts': 220,
  'test/faults/failing-store.test.ts': 65,
  'test/clients/tus.test.ts': 60,
  'test/doors/same-media.test.ts': 60,
  'test/tus-killed.test.ts': 60,
  'test/api/list.test.ts': 50,
  'test/doors/names.test.ts': 50,
  'test/features/doctor.test.ts': 50,
  'test/features/transform-render.test.ts': 50,
  'test/api/upload-expiry.test.ts': 45,
  'test/api/variants.test.ts': 45,
  'test/api/variants-at-once.test.ts': 45,
  'test/examples/federation.test.ts': 40,
  'test/doctor-killed.test.ts': 35,
  'test/features/heic-pictures.test.ts': 30,
  'test/features/insight-sources.test.ts': 35,
  'test/features/store-epochs.test.ts': 35,
  'test/api/filter.test.ts': 30,
  'test/platform/embedded-postgres.test.ts': 30,
  'test/platform/isolated.test.ts': 30,
  'test/platform/storage-local.test.ts': 30,
  'test/process.test.ts': 30,
}
const OF_OTHERS = 5

/** The longest files first, as the last run in this checkout took them, or as they are known to take. */
export default class LongestFirst extends Sequencer {
  time(test) {
    const path = relative(test.context.config.rootDir, test.path)
    return super.time(test) ?? 1_000 * (SECONDS[path] ?? OF_OTHERS)
  }
}
