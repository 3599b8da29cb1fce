import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type InsightLimits, insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { SLOW_SOURCE } from '../../src/platform/isolated/task.ts'
import { fixture } from '../support/fixtures.ts'
import { ended, runs } from '../support/processes.ts'

const photo = fixture('photo.png')
const open = async (): Promise<Readable> => createReadStream(photo.path)
const request = { mimeType: 'image/png', size: photo.size, open }
const size = { width: 128, height: 128, reason: null }

let insight: InsightService
afterEach(() => insight.close())

function start(limits: Partial<InsightLimits> = {}): InsightService {
  insight = new InsightService({
    limits: { ...insightDefaults, deadlineMs: 30_000, processes: 1, ...limits },
  })
  return insight
}

/** The process that answered a probe. On a busy machine one may take longer to start than a short deadline: then another is tried. */
async function warm(): Promise<number> {
  let facts = await insight.probe(request)
  for (let tries = 1; facts.reason === 'deadline' && tries < 10; tries++) facts = await insight.probe(request)
  expect(facts).toEqual(size)
  const [pid] = insight.pids
  if (pid === undefined) throw new Error('no process answered')
  return pid
}

const closed = async (body: Readable) => body.closed || once(body, 'close')

/** A store that has begun to answer and says no more; `opened` resolves when somebody reads. */
function stalled() {
  const body = new PassThrough()
  body.write(photo.bytes().subarray(0, 1_000))
  const opened = once(body, 'opened')
  const openStalled = async () => {
    body.emit('opened')
    return body
  }
  return { body, opened, request: { ...request, open: openStalled } }
}

test('no process runs before the first probe, and one serves many', async () => {
  start()
  expect(insight.pids).toEqual([])
  const pid = await warm()
  for (let i = 0; i < 20; i++) await insight.probe(request)
  expect(insight.pids).toEqual([pid])
})

test('never more processes run than are allowed, and all who wait are served', async () => {
  start({ processes: 2 })
  const seen = new Set<number>()
  const probes = Array.from({ length: 30 }, async () => {
    const facts = await insight.probe(request)
    for (const pid of insight.pids) seen.add(pid)
    return facts
  })
  expect(await Promise.all(probes)).toEqual(Array(30).fill(size))
  expect(seen.size).toBe(2)
})

test('a process that hangs is killed at the deadline, and the next probe has a new one', async () => {
  start({ deadlineMs: 3_000 })
  const pid = await warm()
  process.kill(pid, 'SIGSTOP')
  expect(await insight.probe(request)).toMatchObject({ width: null, height: null, reason: 'deadline' })
  await ended(pid)
  expect(await warm()).not.toBe(pid)
})

test('a process that dies at work is a reason, and the next probe has a new one', async () => {
  start()
  const pid = await warm()
  const store = stalled()
  const facts = insight.probe(store.request)
  await store.opened
  process.kill(pid, 'SIGKILL')
  expect(await facts).toEqual({
    width: null,
    height: null,
    reason: 'crashed',
    detail: 'it ended with SIGKILL',
  })
  await closed(store.body)
  expect(await warm()).not.toBe(pid)
})

test('a process that died while idle is not asked', async () => {
  start()
  const pid = await warm()
  process.kill(pid, 'SIGKILL')
  await ended(pid)
  while (insight.pids.length > 0) await pause(10)
  expect(await warm()).not.toBe(pid)
})

test('a process that takes too much memory ends itself', async () => {
  start({ memoryBytes: 1 })
  expect(await insight.probe(request)).toMatchObject({ width: null, reason: 'memory' })
  for (const pid of insight.pids) await ended(pid)
})

test('an idle process is ended', async () => {
  start({ idleMs: 50 })
  await ended(await warm())
  while (insight.pids.length > 0) await pause(10)
})

test('a store that stalls is given up at the deadline and its stream closed', async () => {
  start({ deadlineMs: 3_000 })
  await warm()
  const store = stalled()
  expect(await insight.probe(store.request)).toMatchObject({ reason: 'source', detail: SLOW_SOURCE })
  await closed(store.body)
})

test('a stream that opens after the deadline is closed', async () => {
  start({ deadlineMs: 3_000 })
  await warm()
  let open: (body: Readable) => void = () => undefined
  const opening = new Promise<Readable>(resolve => {
    open = resolve
  })
  expect(await insight.probe({ ...request, open: () => opening })).toMatchObject({
    reason: 'source',
    detail: SLOW_SOURCE,
  })
  const body = Readable.from(['late'])
  open(body)
  await closed(body)
})

test('who gives up waiting for a process leaves the place to others', async () => {
  start()
  const busy = stalled()
  const served = insight.probe(busy.request)
  await busy.opened
  const caller = new AbortController()
  const waiting = insight.probe({ ...request, signal: caller.signal })
  const behind = insight.probe(request)
  caller.abort()
  expect(await waiting).toMatchObject({ reason: 'aborted' })
  busy.body.destroy()
  expect(await served).toMatchObject({ reason: 'source' })
  expect(await behind).toEqual(size)
  await warm()
})

test('a caller who gives up is answered at once', async () => {
  start()
  const caller = new AbortController()
  const store = stalled()
  const facts = insight.probe({ ...store.request, signal: caller.signal })
  await store.opened
  caller.abort()
  expect(await facts).toMatchObject({ reason: 'aborted' })
  expect(await insight.probe({ ...request, signal: caller.signal })).toMatchObject({ reason: 'aborted' })
  await closed(store.body)
})

test('closing ends probes and processes, and nothing is started after it', async () => {
  start({ processes: 2 })
  await warm()
  const store = stalled()
  const running = [insight.probe(store.request), insight.probe(stalled().request), insight.probe(request)]
  await store.opened
  const pids = insight.pids
  await insight.close()
  expect((await Promise.all(running)).map(({ reason }) => reason)).toEqual(['closed', 'closed', 'closed'])
  expect(pids.filter(runs)).toEqual([])
  expect(await insight.probe(request)).toMatchObject({ reason: 'closed' })
  expect(insight.pids).toEqual([])
})

test('a decoder is told nothing of the environment', async () => {
  start()
  const environment = readFileSync(`/proc/${await warm()}/environ`, 'utf8')
  expect(environment.split('\0').filter(Boolean)).toEqual(['MALLOC_ARENA_MAX=2'])
})

describe('a gateway', () => {
  const script = fileURLToPath(new URL('./insight-gateway.ts', import.meta.url))
  const started: ChildProcess[] = []
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  async function gateway(
    ...args: string[]
  ): Promise<{ child: ChildProcess; facts: unknown; pids: number[] }> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.push(child)
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    return { child, ...(JSON.parse(line) as { facts: unknown; pids: number[] }) }
  }

  beforeEach(() => void start())

  test.each(['idles', 'close'])('ends by itself and takes its decoder along: %s', async how => {
    const { child, facts, pids } = await gateway(how)
    expect(facts).toEqual(size)
    expect(pids).toHaveLength(1)
    if (child.exitCode === null) await once(child, 'exit')
    expect(child.exitCode).toBe(0)
    for (const pid of pids) await ended(pid)
  })

  test('that is killed leaves no decoder behind', async () => {
    const { child, pids } = await gateway('stay')
    expect(pids.map(runs)).toEqual([true])
    child.kill('SIGKILL')
    for (const pid of pids) await ended(pid)
  })
})
