import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { withArtifacts } from '../../clients/relay-artifacts.js'
import { compilerWithCache } from './typescript.js'

/** Jest's own module of this name works in Jest's own runtime alone. */
const GLOBALS = '@jest/globals'
const NAMES = 'afterAll afterEach beforeAll beforeEach describe expect it jest test'.split(' ')
const RELAY = /\/examples\/relay\/[^/]+$/
/** As Relay names its artifacts, for bundlers. */
const ARTIFACT = /^\.\/.+\.graphql$/

/**
 * Lets this process import TypeScript. What lies in `tests` is loaded anew for each test file, whose name is in the query of its URL: it may say
 * `beforeAll`, or keep what that file has done. Everything else is loaded once, as in any process that runs the program.
 */
export function hookModules({ root, tests, cacheFolder, sourceMaps }) {
  const compile = compilerWithCache(cacheFolder)
  const own = pathToFileURL(`${root}/`).href
  const packages = `${own}node_modules/`
  const anew = pathToFileURL(`${tests}/`).href
  const globals = `${anew}${GLOBALS}`
  registerHooks({
    resolve(specifier, context, next) {
      const search = context.parentURL?.startsWith(anew) ? new URL(context.parentURL).search : ''
      if (specifier === GLOBALS) return { url: `${globals}${search}`, format: 'module', shortCircuit: true }
      const found = next(ARTIFACT.test(specifier) ? `${specifier}.ts` : specifier, context)
      return found.url.startsWith(anew) ? { ...found, url: `${found.url}${search}` } : found
    },
    load(url, context, next) {
      if (url.startsWith(globals))
        return module(NAMES.map(name => `export const ${name} = globalThis.${name}`).join('\n'))
      const isOurs = url.startsWith(own) && !url.startsWith(packages) && new URL(url).pathname.endsWith('.ts')
      if (!isOurs) return next(url, context)
      const path = fileURLToPath(url)
      const source = readFileSync(path, 'utf8')
      const { code, map } = compile(path, RELAY.test(path) ? withArtifacts(path, source) : source)
      sourceMaps.set(url, map)
      return module(code)
    },
  })
}

const module = source => ({ source, format: 'module', shortCircuit: true })
