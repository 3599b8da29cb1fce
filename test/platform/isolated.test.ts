import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type PoolLimits, type PoolTask, ProcessPool } from '../../src/platform/isolated/process-pool.ts'
import { TaskFailure } from '../../src/platform/isolated/task.ts'
import { ended, runs } from '../support/processes.ts'

const MIB = 1024 * 1024
const entry = fileURLToPath(new URL('./isolated-tasks.ts', import.meta.url))
const alphabet = Buffer.from('abcdefghijklmnopqrstuvwxyz')
const source = {
  size: alphabet.length,
  open: async ({ start, end }: { start: number; end: number }): Promise<Readable> =>
    Readable.from([...alphabet.subarray(start, end + 1)].map(byte => Buffer.from([byte]))),
}

let pool: ProcessPool
afterEach(() => pool?.close())

const defaults = {
  processes: 1,
  deadlineMs: 30_000,
  idleMs: 30_000,
  memoryBytes: 512 * MIB,
  maxMade: 8 * MIB,
}

function start(limits: Partial<PoolLimits> = {}): ProcessPool {
  pool = new ProcessPool({ entry, ...defaults, ...limits })
  return pool
}

const run = (name: string, args: unknown = null, more: Partial<PoolTask> = {}) =>
  pool.run({ name, args, source, ...more })
const failure = (name: string, args: unknown = null, more: Partial<PoolTask> = {}) =>
  run(name, args, more).then(
    value => ({ reason: `none, but ${JSON.stringify(value)}`, detail: '' }),
    (error: TaskFailure) => ({ reason: error.reason, detail: error.detail }),
  )
const fails = async (reason: string, name: string, args: unknown = null, more: Partial<PoolTask> = {}) =>
  expect((await failure(name, args, more)).reason).toBe(reason)

/** The process that answered. On a busy machine one may take longer to start than a short deadline: then another is tried. */
async function warm(): Promise<number> {
  let { reason } = await failure('echo')
  for (let tries = 1; reason === 'deadline' && tries < 10; tries++) ({ reason } = await failure('echo'))
  expect(reason).toMatch(/^none/)
  return pool.pids.at(-1) as number
}

/** It answers, and by the same process or by another. */
async function serves(pid: number, which: 'the same' | 'another'): Promise<void> {
  const now = await warm()
  if (which === 'the same') expect(now).toBe(pid)
  else {
    expect(now).not.toBe(pid)
    await ended(pid)
  }
}

describe('a task', () => {
  beforeEach(() => void start({ args: ['more'] }))

  test('is told its arguments and the size, and the process its limits', async () => {
    expect(await run('echo', { a: [1, null] })).toEqual({
      args: { a: [1, null] },
      size: 26,
      given: [`${512 * MIB}`, 'more'],
    })
  })

  test('reads the parts it asks for, also several at once, in the order in which it asks', async () => {
    expect(await run('read', { start: 2, end: 4 })).toBe('cde')
    expect(
      await run('together', [
        [25, 25],
        [0, 25],
        [5, 4],
        [1, 2],
      ]),
    ).toEqual(['z', `${alphabet}`, '', 'bc'])
  })

  test('reads more than fits into a frame or a pipe', async () => {
    const big = Buffer.alloc(3 * MIB, 'x')
    const open = async () => Readable.from([big.subarray(0, 2.5 * MIB), big.subarray(2.5 * MIB), big])
    const args = { start: 0, end: big.length - 1 }
    expect(await run('count', args, { source: { size: big.length, open } })).toBe(big.length)
  })

  test.each([[{ start: 0, end: 26 }], [{ start: -1, end: 3 }], [{ start: 0.5, end: 3 }]])(
    'that asks for %j, which there is not, is ended with its process',
    async range => {
      const pid = await warm()
      await fails('crashed', 'read', range)
      await serves(pid, 'another')
    },
  )

  // Elsewhere there is no such path, and the bytes are asked for.
  test.each([
    ['whole is read by the process itself', `${alphabet}`, process.platform === 'linux' ? 0 : 1],
    ['too short is read as far as it goes, and the gateway is asked', 'ABC', 1],
  ])('whose bytes lie in a file that is %s', async (_, content, asked) => {
    const folder = await mkdtemp(join(tmpdir(), 'lent-'))
    await writeFile(join(folder, 'file'), content)
    const file = await open(join(folder, 'file'))
    let opened = 0
    const counted = (range: { start: number; end: number }) => {
      opened++
      return source.open(range)
    }
    try {
      const lent = { ...source, open: counted, fd: file.fd }
      expect(await run('read', { start: 2, end: 4 }, { source: lent })).toBe('cde')
      expect(await run('read', { start: 25, end: 25 }, { source: lent })).toBe('z')
      expect(opened).toBe(asked && 2)
      // The next task has none, nor the one before's.
      expect(await run('read', { start: 0, end: 1 }, { source: { ...source, open: counted } })).toBe('ab')
      expect(opened).toBe((asked && 2) + 1)
    } finally {
      await file.close()
      await rm(folder, { recursive: true })
    }
  })

  test('that is lent what is not open asks for its bytes', async () => {
    expect(await run('read', { start: 2, end: 4 }, { source: { ...source, fd: 1_000_000 } })).toBe('cde')
  })

  test('hands over what it makes', async () => {
    const sink = new PassThrough()
    const made = buffer(sink)
    expect(await run('make', { chunks: 3, bytes: 1.5 * MIB }, { sink })).toBe('made')
    sink.end()
    const bytes = await made
    expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([4.5 * MIB, 0, 2])
  })

  test('that makes more than it may, or was not to make anything, is ended', async () => {
    const sink = new PassThrough().resume()
    await fails('too-large', 'make', { chunks: 9, bytes: MIB }, { sink })
    await fails('too-large', 'make', { chunks: 1, bytes: 1 })
  })

  test('waits while its sink is full: what is not taken is not made', async () => {
    let taken = 0
    const held: Array<() => void> = []
    const sink = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, callback) {
        taken += chunk.length
        if (taken > MIB) callback()
        else held.push(callback)
      },
    })
    const made = run('make', { chunks: 7, bytes: MIB }, { sink })
    while (held.length === 0) await pause(5)
    // As long as it takes another process to start, nothing more arrives.
    const other = new ProcessPool({ ...defaults, entry, idleMs: 1 })
    await other.run({ name: 'echo', args: null, source })
    await other.close()
    expect([taken, sink.writableLength]).toEqual([held.length * MIB, MIB])
    held[0]?.()
    expect(await made).toBe('made')
    await new Promise<void>(resolve => sink.end(() => resolve()))
    expect(taken).toBe(7 * MIB)
  })

  test('whose sink breaks has failed for that, whether the sink was full or not', async () => {
    for (const highWaterMark of [1, 64 * MIB]) {
      const sink = new Writable({
        highWaterMark,
        write: (_chunk, _encoding, callback) => callback(new Error('the disk is full')),
      })
      sink.on('error', () => undefined)
      await fails('sink', 'make', { chunks: 7, bytes: MIB }, { sink })
    }
  })

  test.each([
    ['refuse', { reason: 'encrypted' }, 'encrypted'],
    ['throw', null, 'unreadable'],
    ['incomplete', null, 'installation'],
  ])(
    'that says by itself why it has no result (%s) leaves the process in use',
    async (name, args, reason) => {
      const pid = await warm()
      await fails(reason, name, args)
      await serves(pid, 'the same')
    },
  )

  test.each(['crash', 'exit', 'nonsense', 'endless'])(
    'that breaks off (%s) ends its process, and the next has a new one',
    async name => {
      const pid = await warm()
      await fails('crashed', name)
      await serves(pid, 'another')
    },
  )

  test('cannot answer the task behind it', async () => {
    const pid = await warm()
    expect(await run('chatter')).toBe('forged')
    await ended(pid)
    expect(await run('echo', 'honest')).toMatchObject({ args: 'honest' })
  })

  test('that reads on when it is done takes nothing of the task behind it', async () => {
    const pid = await warm()
    const small = { size: 2, open: async () => Readable.from([Buffer.from('yz')]) }
    for (let turn = 0; turn < 5; turn++) {
      expect(await run('ahead')).toBe('done')
      expect(await run('read', { start: 0, end: 1 }, { source: small })).toBe('yz')
      await pause(10)
    }
    expect(pool.pids).toEqual([pid])
  })

  test('may write no file and start no program, and knows nothing of the environment', async () => {
    expect(await run('outside')).toEqual({
      tried: { write: 'ERR_ACCESS_DENIED', spawn: 'ERR_ACCESS_DENIED' },
      environment: ['MALLOC_ARENA_MAX'],
    })
    expect(existsSync('/tmp/isolated-was-here')).toBe(false)
  })
})

describe('limits', () => {
  test('a busy loop ends at the deadline', async () => {
    start({ deadlineMs: 2_000 })
    const pid = await warm()
    await fails('deadline', 'hang')
    await serves(pid, 'another')
  })

  test('waiting for a process counts, unless the deadline is that of the work', async () => {
    start({ deadlineMs: 2_000 })
    await warm()
    expect(await Promise.all([failure('hang'), failure('echo')])).toEqual([
      { reason: 'deadline', detail: undefined },
      { reason: 'deadline', detail: undefined },
    ])
    await pool.close()
    start({ deadlineMs: 10_000, deadlineFrom: 'begun' })
    await warm()
    const [first, second] = await Promise.all([failure('hang'), run('echo', 'late')])
    expect(first.reason).toBe('deadline')
    expect(second).toMatchObject({ args: 'late' })
  })

  test.each([
    ['swell', 'from inside'],
    ['burst', 'from outside, in a busy loop'],
  ])('a process that takes too much memory is ended (%s: seen %s)', async name => {
    start({ memoryBytes: 200 * MIB })
    const pid = await warm()
    await fails('memory', name)
    await serves(pid, 'another')
  })

  test('never more processes run than are allowed, and all are served', async () => {
    start({ processes: 2 })
    const seen = new Set<number>()
    const tasks = Array.from({ length: 20 }, async (_, at) => {
      const answer = (await run('echo', at)) as { args: number }
      for (const pid of pool.pids) seen.add(pid)
      return answer.args
    })
    expect(pool.waiting).toBe(18)
    expect(await Promise.all(tasks)).toEqual([...Array(20).keys()])
    expect(seen.size).toBe(2)
  })

  test('an idle process is ended', async () => {
    start({ idleMs: 50 })
    await ended(await warm())
    while (pool.pids.length > 0) await pause(5)
  })
})

describe('a store', () => {
  beforeEach(() => void start())

  async function* failing() {
    yield Buffer.from('a')
    throw new Error('connection reset')
  }
  test.each([
    ['does not open', () => Promise.reject(new Error('no such object'))],
    ['breaks off', async () => Readable.from(failing())],
    ['gives less than there is', async () => Readable.from([Buffer.from('abc')])],
  ])('that %s is the reason', async (_how, open) => {
    await fails('source', 'read', { start: 0, end: 9 }, { source: { size: 26, open } })
    expect(await run('read', { start: 0, end: 1 })).toBe('ab')
  })

  test('that stalls is given up at the deadline, when the caller gives up, and at the end, and its stream closed', async () => {
    const stalled = () => {
      const body = new PassThrough()
      let opened: () => void = () => undefined
      const isOpen = new Promise<void>(resolve => {
        opened = resolve
      })
      const open = async () => {
        opened()
        return body
      }
      const closed = new Promise(resolve => body.on('error', () => undefined).once('close', resolve))
      return { isOpen, closed, source: { size: 26, open } }
    }
    const late = stalled()
    await pool.close()
    start({ deadlineMs: 2_000 })
    await warm()
    await fails('deadline', 'read', { start: 0, end: 9 }, { source: late.source })
    await late.closed
    await warm()
    const left = stalled()
    const caller = new AbortController()
    const reading = failure('read', { start: 0, end: 9 }, { source: left.source, signal: caller.signal })
    await left.isOpen
    caller.abort()
    expect((await reading).reason).toBe('aborted')
    await left.closed
    await warm()
    const last = stalled()
    const ending = failure('read', { start: 0, end: 9 }, { source: last.source })
    await last.isOpen
    await pool.close()
    expect((await ending).reason).toBe('closed')
    await last.closed
  })

  test('that opens when nobody waits any more is closed', async () => {
    let opened: (body: Readable) => void = () => undefined
    const caller = new AbortController()
    const body = new PassThrough()
    const open = () => {
      caller.abort()
      return new Promise<Readable>(resolve => {
        opened = resolve
      })
    }
    await fails(
      'aborted',
      'read',
      { start: 0, end: 9 },
      { source: { size: 26, open }, signal: caller.signal },
    )
    opened(body)
    await once(body, 'close')
  })
})

test('closing ends tasks and processes, and nothing is started after it', async () => {
  start({ processes: 2 })
  await warm()
  const running = ['hang', 'hang', 'echo'].map(name => failure(name))
  while (pool.pids.length < 2) await pause(5)
  const pids = pool.pids
  await pool.close()
  expect((await Promise.all(running)).map(({ reason }) => reason)).toEqual(['closed', 'closed', 'closed'])
  expect(pids.filter(runs)).toEqual([])
  await fails('closed', 'echo')
  expect(pool.pids).toEqual([])
})

describe('a gateway that is killed', () => {
  const script = fileURLToPath(new URL('./isolated-gateway.ts', import.meta.url))
  const started: ChildProcess[] = []
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  test.each(['echo', 'make-hang'])('leaves no process behind, whatever that does: %s', async name => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.push(child)
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const pids = JSON.parse(line) as number[]
    expect(pids.map(runs)).toEqual([true])
    child.kill('SIGKILL')
    for (const pid of pids) await ended(pid)
  })
})
