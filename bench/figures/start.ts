import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bench, Row } from '../figure.ts'
import { dataFolder, gatewayEnvironment } from '../gateway.ts'
import { childrenOf } from '../proc.ts'
import { spreadOf } from '../spread.ts'

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))
const POLL_MS = 20
const PATIENCE_MS = 60_000

/** `npm start` in a checkout that is installed and built, until /health/ready is 200; with no data yet, and with some. */
export async function start({ rounds, progress }: Bench): Promise<Row[]> {
  const fresh: number[] = []
  const again: number[] = []
  for (let round = 1; round <= rounds; round++) {
    await using folder = await dataFolder()
    const first = await secondsToReady(folder.path)
    const second = await secondsToReady(folder.path)
    fresh.push(first)
    again.push(second)
    progress(
      `round ${round}: ${first.toFixed(2)} s with a new DATA_DIR, ${second.toFixed(2)} s with the same one`,
    )
  }
  const figure = 'npm start until ready'
  return [
    { figure: `${figure}, first start of all`, unit: 's', ours: spreadOf(fresh), atMost: 5 },
    { figure: `${figure}, existing data`, unit: 's', ours: spreadOf(again), atMost: 5 },
  ]
}

async function secondsToReady(dataDir: string): Promise<number> {
  const port = await freePort()
  const began = performance.now()
  const npm = spawn('npm', ['start'], {
    cwd: CHECKOUT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...gatewayEnvironment(dataDir),
      PORT: String(port),
    },
    stdio: 'ignore',
  })
  const ended = once(npm, 'close')
  const pid = npm.pid as number
  try {
    while (!(await isReady(port))) {
      if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode} before it was ready`)
      if (performance.now() - began > PATIENCE_MS) throw new Error(`not ready within ${PATIENCE_MS / 1000} s`)
      await delay(POLL_MS)
    }
    return (performance.now() - began) / 1000
  } finally {
    // Told itself, npm would not wait for the gateway; it ends when the gateway does.
    if (npm.exitCode === null) process.kill((await gatewayBelow(pid)) ?? pid, 'SIGTERM')
    await ended
  }
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health/ready`).then(
    answer => answer.status === 200,
    () => false,
  )

/** The process that npm, and the shell in between, have started. */
async function gatewayBelow(pid: number): Promise<number | undefined> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (command.split('\0').includes('dist/main.js')) return pid
  for (const child of await childrenOf(pid)) {
    const found = await gatewayBelow(child)
    if (found) return found
  }
  return undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
