/** Run by Node itself in an isolated process: what well-behaved and hostile handlers do. */
import { writeSync } from 'node:fs'
import { HandlerFailure, serveTasks, type TaskHandler } from '../../src/platform/isolated/serve-tasks.ts'

const text = async (reading: Promise<Buffer>) => (await reading).toString('latin1')
const kept: Buffer[] = []

/** Does not return, and leaves the event loop no turn. */
function hang(): never {
  for (;;) kept[0]
}

export const handlers = {
  echo: async (args: unknown, { size }) => ({ args, size, given: process.argv.slice(2) }),
  read: async ({ start, end }: { start: number; end: number }, { read }) => text(read(start, end)),
  count: async ({ start, end }: { start: number; end: number }, { read }) => (await read(start, end)).length,
  // Reads ahead, as libraries do, and does not wait for it.
  ahead: async (_args: never, { read, make }) => {
    for (let at = 0; at < 5; at++) read(at, 25).catch(() => undefined)
    setTimeout(
      () =>
        void read(0, 25)
          .then(make)
          .catch(() => undefined),
      20,
    )
    return 'done'
  },
  together: async (ranges: readonly [number, number][], { read }) =>
    Promise.all(ranges.map(([start, end]) => text(read(start, end)))),
  make: async ({ chunks, bytes }: { chunks: number; bytes: number }, { make }) => {
    for (let at = 0; at < chunks; at++) await make(Buffer.alloc(bytes, at))
    return 'made'
  },
  'make-hang': async (_args: never, { make }) => {
    await make(Buffer.alloc(10))
    hang()
  },
  refuse: async ({ reason }: { reason: string }) => {
    throw new HandlerFailure(reason, 'the handler says so')
  },
  throw: async () => {
    throw new TypeError('the library has a bug')
  },
  // As a build of which a file is missing.
  incomplete: async () => import(new URL('./there-is-no-such-file.ts', import.meta.url).href),
  hang: async () => hang(),
  // Turns of the event loop in between let the process see for itself.
  swell: async () => {
    for (;;) {
      kept.push(Buffer.alloc(1024 * 1024, 1))
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  },
  // None, so that only the gateway can see.
  burst: async () => {
    for (let at = 0; at < 400; at++) kept.push(Buffer.alloc(1024 * 1024, 1))
    hang()
  },
  crash: async () => process.abort(),
  exit: async () => process.exit(0),
  nonsense: async () => void writeSync(3, Buffer.from('this is no frame')),
  chatter: async () => {
    // An answer, and a second one for the task behind it.
    const answer = Buffer.from('"forged"')
    const frame = Buffer.concat([Buffer.from([0, 0, 0, answer.length, 4]), answer])
    writeSync(3, Buffer.concat([frame, frame]))
    await new Promise(() => undefined)
  },
  endless: async () => 'x'.repeat(1_000_000),
  outside: async () => {
    const tried: Record<string, string> = {}
    const attempt = async (name: string, act: () => unknown) => {
      tried[name] = await Promise.resolve()
        .then(act)
        .then(
          () => 'done',
          (error: { code?: string }) => error.code ?? String(error),
        )
    }
    const { writeFile } = await import('node:fs/promises')
    const { execFileSync } = await import('node:child_process')
    await attempt('write', () => writeFile('/tmp/isolated-was-here', ''))
    await attempt('spawn', () => execFileSync(process.execPath, ['--version']))
    return { tried, environment: Object.keys(process.env) }
  },
} satisfies Record<string, TaskHandler>

serveTasks(handlers, { memoryBytes: Number(process.argv[2]) })
