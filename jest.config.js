import { OWN_SUITES, STORE_SUITES } from './test/support/store-suites.js'

const { TEST_STORE } = process.env
const ofOneStore = Object.values(OWN_SUITES).flatMap(suites => Object.keys(suites))
const suites = TEST_STORE
  ? [...Object.keys(STORE_SUITES), ...Object.keys(OWN_SUITES[TEST_STORE] ?? {})]
  : ['test/**/*']
/** Globs of files without folders in between, as `testPathIgnorePatterns` wants them. */
const elsewhere = TEST_STORE ? [] : ofOneStore.map(suite => `/${suite.replace('*', '[^/]*')}\\.test\\.ts$`)

const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2024',
  },
  module: { type: 'es6' },
}

/** ESM under Jest: type-graphql, graphql-upload and others ship as ES modules only; swc emits the decorator metadata. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: suites.map(suite => `<rootDir>/${suite}.test.ts`),
  testPathIgnorePatterns: ['/node_modules/', ...elsewhere],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFiles: ['<rootDir>/test/support/properties.ts'],
  testTimeout: 60_000,
  // A file waits as often as it computes. By itself Jest leaves a core free, which of two leaves one.
  maxWorkers: '100%',
  // What a file has loaded stays with its process: in one that has run fifty, collecting garbage takes longer than the tests.
  workerIdleMemoryLimit: '700MB',
  transform: {
    '/examples/relay/[^/]+\\.ts$': ['<rootDir>/test/clients/relay-transformer.js', swc],
    '^.+\\.ts$': ['@swc/jest', swc],
  },
}
