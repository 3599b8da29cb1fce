import { createRequire, flushCompileCache } from 'node:module'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import circus from 'jest-circus/runner'
import { hookModules } from './module-hooks.js'

const require = createRequire(import.meta.url)

/** Of every module that this process has compiled. */
const sourceMaps = new Map()
let isHooked = false

/**
 * Runs a test file as Jest does, by jest-circus, but in the realm of this process and with the modules that Node loads. Jest's own runtime links
 * every module of every package anew for each test file.
 */
export default function run(globalConfig, config, environment, runtime, testPath, sendMessageToJest) {
  if (!isHooked) {
    hookModules({
      root: config.rootDir,
      tests: join(config.rootDir, 'test'),
      cacheFolder: join(config.cacheDirectory, 'media-gateway'),
      sourceMaps,
    })
    isHooked = true
  }
  const importModule = path =>
    import(`${pathToFileURL(path)}?for=${relative(config.rootDir, testPath)}`).finally(() => {
      for (const [url, map] of sourceMaps) runtime.getSourceMaps().set(url, map)
      // Jest gives a process half a second to end, in which this may not fit.
      flushCompileCache()
    })
  const restore = enterFile(environment)
  // Not by await: each stack would end with a line of this file.
  return circus
    .default(
      globalConfig,
      config,
      { global: globalThis },
      {
        requireInternalModule: requireAnew,
        requireModule: require,
        setGlobalsForRuntime: () => undefined,
        unstable_shouldLoadAsEsm: () => true,
        unstable_importModule: importModule,
        enterTestCode: () => runtime.enterTestCode(),
        leaveTestCode: () => runtime.leaveTestCode(),
      },
      testPath,
      sendMessageToJest,
    )
    .finally(restore)
}

/** Gives the global object what is of one test file, and returns what takes it back. The console stays: Jest fails a run for what is written to it late. */
function enterFile(environment) {
  const { exit } = process
  const variables = { ...process.env }
  globalThis.console = environment.global.console
  globalThis.jest = environment.moduleMocker
  return () => {
    environment.moduleMocker.restoreAllMocks()
    process.exit = exit
    for (const name of Object.keys(process.env)) if (!Object.hasOwn(variables, name)) delete process.env[name]
    Object.assign(process.env, variables)
  }
}

/** Circus keeps its tests and its listeners in itself and in the global object; each test file has those of its own. */
function requireAnew(path) {
  delete globalThis[Symbol.for('EVENT_HANDLERS')]
  delete require.cache[path]
  return require(path)
}
