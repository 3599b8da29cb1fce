/** Run by Node itself: a gateway with one process that hangs in a task; it prints the process's id and waits to be killed. */
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ProcessPool } from '../../src/platform/isolated/process-pool.ts'

const pool = new ProcessPool({
  entry: fileURLToPath(new URL('./isolated-tasks.ts', import.meta.url)),
  processes: 1,
  deadlineMs: 3_600_000,
  idleMs: 3_600_000,
  memoryBytes: 1024 ** 3,
  maxMade: 100,
})
const source = { size: 1, open: async () => new PassThrough().end('a') }
const sink = new PassThrough().on('data', () => console.log(JSON.stringify(pool.pids)))
const name = process.argv[2] ?? ''
if (name === 'echo') {
  await pool.run({ name, args: null, source })
  console.log(JSON.stringify(pool.pids))
  setInterval(() => undefined, 1_000)
} else await pool.run({ name, args: null, source, sink })
