import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Replaces graphql tags by the artifacts that relay-compiler wrote, as every Relay project's build does. */
export function withArtifacts(file, source) {
  const { transformSync } = require('@babel/core')
  return transformSync(source, {
    filename: file,
    babelrc: false,
    configFile: false,
    parserOpts: { plugins: ['typescript'] },
    plugins: [['relay', { artifactDirectory: 'examples/relay/__generated__', eagerEsModules: true }]],
  }).code
}
