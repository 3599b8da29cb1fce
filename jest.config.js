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
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFiles: ['<rootDir>/test/support/properties.ts'],
  testTimeout: 60_000,
  transform: {
    '/examples/relay/[^/]+\\.ts$': ['<rootDir>/test/clients/relay-transformer.js', swc],
    '^.+\\.ts$': ['@swc/jest', swc],
  },
}
