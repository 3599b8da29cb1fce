import { readFile } from 'node:fs/promises'
import { ENTITIES } from '../src/entities.ts'
import { printGatewaySchema } from '../src/entrances/graphql/schema.ts'
import { Database } from '../src/platform/db/database.ts'
import { forbiddenImports, importCycles } from './support/architecture.ts'
import { createDatabase } from './support/database.ts'
import { parameterCounts } from './support/parameters.ts'
import { readSourceTree, type SourceTree } from './support/source-tree.ts'

let tree: SourceTree
beforeAll(async () => {
  tree = await readSourceTree()
})

const planted = (file: string, text: string): SourceTree => new Map([...tree, [file, text]])

describe('imports', () => {
  test('follow the layers and the arrows among features', () => {
    expect(forbiddenImports(tree)).toEqual([])
  })

  test('form no circle', () => {
    expect(importCycles(tree)).toEqual([])
  })

  test.each([
    ['platform/planted.ts', `import { can } from '../features/access/policy.ts'`, 'lies above it'],
    ['features/media/planted.ts', `import { x } from '../../entrances/http/server.ts'`, 'lies above it'],
    [
      'features/access/planted.ts',
      `import type { Media } from '../media/media.entity.ts'`,
      'may not know features/media',
    ],
    ['features/novel/planted.ts', `import { can } from '../access/policy.ts'`, 'not in the table'],
    ['entrances/http/planted.ts', `import { createApp } from '../../app.ts'`, 'lies above it'],
    ['features/upload/planted.ts', `const late = () => import('../../main.ts')`, 'lies above it'],
    ['platform/db/planted.ts', `import { x } from './embedded/cluster.ts'`, 'past'],
    ['helpers/planted.ts', `import { can } from '../features/access/policy.ts'`, 'no layer'],
  ])('a forbidden one, planted in %s, is found', (file, text, reason) => {
    expect(forbiddenImports(planted(file, text))).toEqual([expect.stringContaining(reason)])
  })

  test('a planted circle is found', () => {
    const circle = planted('platform/lib/a.ts', `import { b } from './b.ts'`)
    const whole = new Map([...circle, ['platform/lib/b.ts', `export { a } from './a.ts'`] as const])
    expect(importCycles(whole).map(group => group.sort())).toEqual([
      ['platform/lib/a.ts', 'platform/lib/b.ts'],
    ])
  })
})

describe('sizes', () => {
  test('half of the files have at most 100 lines, nine of ten at most 250, none more than 400', () => {
    const lines = [...tree.values()].map(text => text.split('\n').length).sort((a, b) => a - b)
    const at = (part: number) => lines[Math.min(lines.length - 1, Math.floor(lines.length * part))] ?? 0
    expect(at(0.5)).toBeLessThanOrEqual(100)
    expect(at(0.9)).toBeLessThanOrEqual(250)
    expect(lines.at(-1)).toBeLessThanOrEqual(400)
  })

  test('a function takes at most three parameters', () => {
    const tooMany = [...tree].filter(([, text]) => (parameterCounts(text)[0] ?? 0) > 3).map(([file]) => file)
    expect(tooMany).toEqual([])
    expect(parameterCounts('const f = (a: 1, b: 2, c: 3, d: 4) => a')).toEqual([4])
  })
})

test('only main.ts reads the environment', () => {
  expect([...tree].filter(([, text]) => /process\.env/.test(text)).map(([file]) => file)).toEqual(['main.ts'])
})

describe('one truth, written twice', () => {
  test('the migrations make exactly what the entities describe', async () => {
    const clone = await createDatabase()
    const database = await Database.open({
      connection: { connectionString: clone.url },
      entities: ENTITIES,
      poolSize: 4,
      onIdleError: () => undefined,
    })
    const { upQueries } = await database.source.driver.createSchemaBuilder().log()
    await database.close()
    await clone.drop()
    expect(upQueries.map(({ query }) => query).filter(query => !isExpressionIndex(query))).toEqual([])
  })

  test('schema.graphql is what the server answers to introspection', async () => {
    expect(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(printGatewaySchema())
  })
})

/** Indexes of expressions and partial ones cannot be written on an entity: TypeORM would drop what it cannot describe. */
function isExpressionIndex(query: string): boolean {
  return /^DROP INDEX "public"."(media|collection)_(by|in|name)_/.test(query)
}
