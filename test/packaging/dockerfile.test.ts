import { CONFIG_TABLE, loadConfig } from '../../src/config.ts'
import { projectFile } from '../support/project-file.ts'

/** Instructions with their arguments, continued lines joined; comments left out. */
let instructions: ReadonlyArray<readonly [name: string, rest: string]>
beforeAll(async () => {
  instructions = (await projectFile('Dockerfile'))
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => [line.split(' ', 1).join(), line.slice(line.indexOf(' ') + 1).trim()])
})

const all = (name: string) => instructions.flatMap(([found, rest]) => (found === name ? [rest] : []))
const last = (name: string) => all(name).at(-1) ?? ''
const environment = () =>
  Object.fromEntries(
    last('ENV')
      .split(' ')
      .map(pair => pair.split('=')),
  )

test('every stage stands on the Node that package.json pins', async () => {
  const { dependencies } = JSON.parse(await projectFile('package.json'))
  expect(all('FROM')).not.toEqual([])
  for (const from of all('FROM')) expect(from).toMatch(new RegExp(`^node:${dependencies.node}-\\w+-slim\\b`))
})

test('the gateway does not run as root', () => {
  expect(last('USER')).toMatch(/^(?!root$|0$)\w+$/)
})

test('the image sets variables that the gateway knows, with values that it takes', () => {
  const { NODE_ENV, MALLOC_ARENA_MAX, ...ours } = environment()
  // Those of Node and of glibc.
  expect([NODE_ENV, MALLOC_ARENA_MAX]).toEqual(['production', '2'])
  expect(Object.keys(ours).filter(name => !(name in CONFIG_TABLE))).toEqual([])
  expect(loadConfig(ours)).toMatchObject({ HOST: '0.0.0.0', DATA_DIR: last('VOLUME') })
})

test('it exposes the default port, and its health is whether it is ready', () => {
  expect(last('EXPOSE')).toBe(String(CONFIG_TABLE.PORT.default))
  expect(environment().PORT).toBe(last('EXPOSE'))
  expect(last('HEALTHCHECK')).toContain('/health/ready')
})

test('what is copied from the context is let through by .dockerignore', async () => {
  const admitted = (await projectFile('.dockerignore')).match(/(?<=^!).+$/gm) ?? []
  const sources = all('COPY').flatMap(copy => (copy.startsWith('--from') ? [] : copy.split(' ').slice(0, -1)))
  expect([...new Set(sources)].sort()).toEqual([...admitted].sort())
})
