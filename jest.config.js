import { STORE_SUITES } from './test/support/store-suites.js'

const suites = process.env.TEST_STORE ? Object.keys(STORE_SUITES) : ['test/**/*']

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
