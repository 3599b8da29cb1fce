import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runCommand } from './support/command-line.ts'
import { graphqlClient } from './support/gql.ts'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const run = promisify(execFile)

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'media-gateway-process-'))
  // As root, PostgreSQL's own user must be able to pass through.
  await chmod(dataDir, 0o755)
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

interface Served {
  readonly child: ChildProcess
  readonly url: string
  /** All that was printed so far. */
  output(): string
  exited: Promise<number | null>
}

const environment = (env: Record<string, string> = {}) => ({
  PATH: process.env.PATH,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  DATA_DIR: dataDir,
  PORT: '0',
  ...env,
})

async function serve(env: Record<string, string> = {}): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  const url = new Promise<string>((resolve, reject) => {
    const read = (text: Buffer) => {
      output += text
      const found = /serves (http:\S+)\/graphql/.exec(output)?.[1]
      if (found) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', code => reject(new Error(`ended with ${code}: ${output}`)))
  })
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  return { child, url: await url, output: () => output, exited }
}

const cli = (args: string[], env: Record<string, string> = {}) =>
  run(process.execPath, [MAIN, ...args], { env: environment(env) as NodeJS.ProcessEnv }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )

async function postmasterIsAlive(): Promise<boolean> {
  const pidFile = join(dataDir, 'postgres', 'cluster', 'data', 'postmaster.pid')
  return (await readFile(pidFile, 'utf8').catch(() => '')) !== ''
}

test('from the first start to the last signal', async () => {
  // The first start makes a key and shows it once.
  const first = await serve()
  const token = /mgw_admin_[0-9A-Za-z]{43}/.exec(first.output())?.[0]
  expect(token).toBeDefined()
  const client = graphqlClient(first.url, `Bearer ${token}`)
  const { media } = await client.upload({ bytes: Buffer.from('kept'), fileName: 'kept.txt' })

  // The command line works beside it.
  const beside = await cli(['doctor', '--json'])
  expect(JSON.parse(beside.stdout)).toMatchObject({ findings: [], checked: { blobs: 1, objects: 1 } })

  // A signal to the whole group, as Ctrl-C sends it, ends everything.
  process.kill(-(first.child.pid ?? 0), 'SIGINT')
  expect(await first.exited).toBe(0)
  expect(await postmasterIsAlive()).toBe(false)

  // Alone, the command line brings its own PostgreSQL up and down.
  const alone = await cli(['doctor'])
  expect([alone.code, alone.stdout]).toEqual([0, expect.stringContaining('holds  I1')])
  expect(await postmasterIsAlive()).toBe(false)

  // A second start keeps the data and shows no key.
  const second = await serve()
  expect(second.output()).not.toContain('mgw_')
  const again = graphqlClient(second.url, `Bearer ${token}`)
  expect(
    (await again.query('query M($id: ID!) { media(id: $id) { originalFileName } }', { id: media.id })).media,
  ).toEqual({
    originalFileName: 'kept.txt',
  })

  // After kill -9 the next start works, with the PostgreSQL that was left behind.
  second.child.kill('SIGKILL')
  await second.exited
  expect(await postmasterIsAlive()).toBe(true)
  const third = await serve()
  expect(third.output()).toContain('Took over')
  const content = await fetch(`${third.url}/media/${media.id}/content`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await content.text()).toBe('kept')

  // SIGTERM lets an upload that is under way finish, refuses new connections, and ends with 0.
  const upload = slowUpload(third.url, token ?? '')
  await upload.underWay
  third.child.kill('SIGTERM')
  await until(() => third.output().includes('stopping'))
  await expect(fetch(`${third.url}/health/live`)).rejects.toThrow()
  upload.finish()
  expect(await upload.answer).toContain('"userErrors":[]')
  expect(await third.exited).toBe(0)
  expect(await postmasterIsAlive()).toBe(false)
}, 120_000)

test('a wrong configuration names every wrong variable and ends with the code for wrong usage', async () => {
  const { code, stderr } = await run(process.execPath, [MAIN, 'serve'], {
    env: environment({ PORT: 'x', LOG_LEVEL: 'loud' }) as NodeJS.ProcessEnv,
  }).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  )
  expect([code, stderr]).toEqual([2, expect.stringMatching(/PORT is "x".*\n.*LOG_LEVEL is "loud"/)])
})

test('a command on a database without a schema says what to do', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'media-gateway-empty-'))
  await chmod(empty, 0o755)
  const { code, stderr } = await cli(['doctor'], { DATA_DIR: empty })
  expect([code, stderr]).toEqual([1, expect.stringContaining('media-gateway migrate')])
  await rm(empty, { recursive: true, force: true })
})

test('its exit code is that of its command, and its answer is on standard output', async () => {
  const [answered, misused] = await Promise.all([cli(['schema', '--subgraph']), cli(['nonsense'])])
  expect([answered.code, answered.stderr]).toEqual([0, ''])
  expect(answered.stdout).toContain('type Media implements Node @key(fields: "id")')
  expect([misused.code, misused.stdout, misused.stderr]).toEqual([2, '', expect.stringContaining('nonsense')])
})

test.each([
  [['--help'], 0, 'Usage: media-gateway'],
  [['doctor', '--help'], 0, '--json'],
  [['reap', '--help'], 0, '--json'],
  [['reprocess', '--help'], 0, '--which'],
  [['nonsense'], 2, 'nonsense'],
  [['doctor', '--nonsense'], 2, '--nonsense'],
  [['schema'], 0, 'type Media'],
  [['schema', '--subgraph'], 0, 'type Media implements Node @key(fields: "id")'],
])('media-gateway %j ends with %i and says %j', async (args, expected, text) => {
  const { code, output, errors } = await runCommand(args, { env: {} })
  expect([code, output + errors]).toEqual([expected, expect.stringContaining(text)])
})

/** An upload whose last byte is sent when the test says so. */
function slowUpload(url: string, token: string) {
  const operations = {
    query: 'mutation U($f: Upload!) { uploadMedia(input: { file: $f }) { userErrors { code } } }',
    variables: { f: null },
  }
  const field = (name: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const upload = request(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'apollo-require-preflight': '1',
      'content-type': 'multipart/form-data; boundary=x',
    },
  })
  const answer = new Promise<string>((resolve, reject) => {
    upload.on('error', reject)
    upload.on('response', async response => resolve((await response.toArray()).join('')))
  })
  const head = field('operations', JSON.stringify(operations)) + field('map', '{"0":["variables.f"]}')
  const underWay = new Promise<void>(resolve =>
    upload.write(`${head}--x\r\nContent-Disposition: form-data; name="0"; filename="slow"\r\n\r\nhalf`, () =>
      resolve(),
    ),
  )
  return { underWay, answer, finish: () => upload.end(' done\r\n--x--\r\n') }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}
