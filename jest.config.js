import { availableParallelism } from 'node:os'
import { useOwnTempFolder } from './test/support/runner/temp-folder.js'
import { SWC } from './test/support/runner/typescript.js'
import { OWN_SUITES, STORE_SUITES } from './test/support/store-suites.js'

useOwnTempFolder()

const { TEST_STORE } = process.env
const ofOneStore = Object.values(OWN_SUITES).flatMap(suites => Object.keys(suites))
const suites = TEST_STORE
  ? [...Object.keys(STORE_SUITES), ...Object.keys(OWN_SUITES[TEST_STORE] ?? {})]
  : ['test/**/*']
/** Globs of files without folders in between, as `testPathIgnorePatterns` wants them. */
const elsewhere = TEST_STORE ? [] : ofOneStore.map(suite => `/${suite.replace('*', '[^/]*')}\\.test\\.ts$`)

/** Jest with the modules that Node loads (docs/decisions/049-tests-with-nodes-modules.md); swc emits the metadata of decorators. */
export default {
  testEnvironment: 'node',
  testRunner: '<rootDir>/test/support/runner/runner.js',
  testSequencer: '<rootDir>/test/support/runner/longest-first.js',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: suites.map(suite => `<rootDir>/${suite}.test.ts`),
  testPathIgnorePatterns: ['/node_modules/', ...elsewhere],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/properties.ts'],
  // What hangs is found by it; a store over a network takes its time.
  testTimeout: TEST_STORE ? 120_000 : 60_000,
  // While one file waits, for a lease that runs out or a process that starts, another computes. Jest takes no percentage above 100.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // A process that holds so much collects garbage for longer than another takes to start.
  workerIdleMemoryLimit: '700MB',
  transform: { '^.+\\.ts$': ['@swc/jest', SWC] },
}
