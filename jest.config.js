import { SWC } from './test/support/runner/typescript.js'
import { OWN_SUITES, STORE_SUITES } from './test/support/store-suites.js'

const { TEST_STORE } = process.env
const ofOneStore = Object.values(OWN_SUITES).flatMap(suites => Object.keys(suites))
const suites = TEST_STORE
  ? [...Object.keys(STORE_SUITES), ...Object.keys(OWN_SUITES[TEST_STORE] ?? {})]
  : ['test/**/*']
/** Globs of files without folders in between, as `testPathIgnorePatterns` wants them. */
const elsewhere = TEST_STORE ? [] : ofOneStore.map(suite => `/${suite.replace('*', '[^/]*')}\\.test\\.ts$`)

/** ESM under Jest: type-graphql, graphql-upload and others ship as ES modules only; swc emits the decorator metadata. */
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
  testTimeout: 60_000,
  // A file waits as often as it computes. By itself Jest leaves a core free, which of two leaves one.
  maxWorkers: '100%',
  // What a file has loaded stays with its process: in one that has run fifty, collecting garbage takes longer than the tests.
  workerIdleMemoryLimit: '700MB',
  transform: { '^.+\\.ts$': ['@swc/jest', SWC] },
}
