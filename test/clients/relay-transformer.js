import { transformSync } from '@babel/core'
import swc from '@swc/jest'

/** Replaces graphql tags by the artifacts that relay-compiler wrote, as every Relay project's build does; the rest is swc's. */
const compiled = (source, file) =>
  transformSync(source, {
    filename: file,
    babelrc: false,
    configFile: false,
    parserOpts: { plugins: ['typescript'] },
    plugins: [['relay', { artifactDirectory: 'examples/relay/__generated__', eagerEsModules: true }]],
  }).code

export default {
  createTransformer(options) {
    const typescript = swc.createTransformer(options)
    return {
      ...typescript,
      process: (source, file, jest) => typescript.process(compiled(source, file), file, jest),
      processAsync: (source, file, jest) => typescript.processAsync(compiled(source, file), file, jest),
    }
  },
}
