import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
const { version } = require('@swc/core/package.json')

/** TypeScript as Node runs it: ES modules, with the metadata of decorators that type-graphql and typeorm read. */
export const SWC = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2024',
  },
  module: { type: 'es6' },
}

const KEY = JSON.stringify([version, SWC])

/**
 * Makes a function that compiles one file and returns the code and where its source map lies. What was compiled once, by any process of any run,
 * is read from `folder`.
 */
export function compilerWithCache(folder) {
  mkdirSync(folder, { recursive: true })
  return (path, source) => {
    const name = createHash('sha256')
      .update(JSON.stringify([KEY, path, source]))
      .digest('hex')
    const cached = { code: join(folder, `${name}.js`), map: join(folder, `${name}.map`) }
    try {
      return { code: readFileSync(cached.code, 'utf8'), map: cached.map }
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
    const { transformSync } = require('@swc/core')
    const { code, map } = transformSync(source, {
      ...SWC,
      filename: path,
      swcrc: false,
      configFile: false,
      sourceMaps: true,
    })
    // The code last: whoever finds it finds its map.
    writeWhole(cached.map, map)
    writeWhole(cached.code, code)
    return { code, map: cached.map }
  }
}

/** Never seen half, by the other processes that write it at the same time. */
function writeWhole(path, text) {
  const beside = `${path}.${randomUUID()}`
  writeFileSync(beside, text)
  renameSync(beside, path)
}
