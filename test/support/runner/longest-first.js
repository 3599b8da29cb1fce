import { relative } from 'node:path'
import Sequencer from '@jest/test-sequencer'

/** About how many seconds the longest files take, for the first run in a checkout: a long one that begins last is waited for alone. */
const SECONDS = {
  'test/faults/sample.test.ts': 195,
  'test/faults/failing-store.test.ts': 70,
  'test/features/heic-pictures.test.ts': 70,
  'test/access/matrix.test.ts': 65,
  'test/features/insight-sources.test.ts': 60,
  'test/tus-killed.test.ts': 60,
  'test/clients/tus.test.ts': 50,
  'test/doors/same-media.test.ts': 50,
  'test/api/variants-at-once.test.ts': 45,
  'test/examples/custom-driver.test.ts': 45,
  'test/features/transform-render.test.ts': 45,
  'test/lifecycle/lifecycle.test.ts': 45,
  'test/api/understanding.test.ts': 40,
  'test/platform/isolated.test.ts': 40,
  'test/doctor-killed.test.ts': 35,
  'test/doors/facades.test.ts': 35,
  'test/doors/names.test.ts': 35,
  'test/webhooks-killed.test.ts': 35,
  'test/examples/federation-uploads.test.ts': 30,
  'test/examples/federation.test.ts': 30,
  'test/features/insight-mutations.test.ts': 30,
  'test/features/insight-previews.test.ts': 30,
  'test/features/insight-processes.test.ts': 30,
  'test/import-killed.test.ts': 30,
  'test/process.test.ts': 30,
  'test/api/understanding-damaged.test.ts': 25,
  'test/api/upload-expiry.test.ts': 25,
  'test/clients/uppy.test.ts': 25,
  'test/features/doctor.test.ts': 25,
  'test/features/store-epochs.test.ts': 25,
  'test/platform/embedded-postgres-root.test.ts': 25,
  'test/platform/embedded-postgres-sharing.test.ts': 25,
  'test/purge-killed.test.ts': 25,
  'test/acceptance/apizee/item.test.ts': 20,
  'test/acceptance/cms/read.test.ts': 20,
  'test/api/relay-specification.test.ts': 20,
  'test/api/replace.test.ts': 20,
  'test/doors/type-rules.test.ts': 20,
  'test/downloads-at-two-processes.test.ts': 20,
  'test/platform/embedded-postgres-damage.test.ts': 20,
}
const OF_OTHERS = 5

/** The longest files first, as the last run in this checkout took them, or as they are known to take. */
export default class LongestFirst extends Sequencer {
  time(test) {
    const path = relative(test.context.config.rootDir, test.path)
    return super.time(test) ?? 1_000 * (SECONDS[path] ?? OF_OTHERS)
  }
}
