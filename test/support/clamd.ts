import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eicar } from './eicar.ts'

/** What the signatures of the test database are called. */
export const SIGNATURE = 'Test.Eicar.UNOFFICIAL'

/** A real clamd of one test, which knows one piece of malware; it ends with this process at the latest. */
export interface TestClamd extends AsyncDisposable {
  /** As CLAMAV_URL has them. */
  readonly tcp: string
  readonly unix: string
  /** Ends it at once, and all that it is at. */
  kill(): Promise<void>
  /** Starts it again, where it was. */
  start(): Promise<void>
}

/** Where users have no /usr/sbin in their path, it is there all the same. */
const PROGRAM = ['clamd', '/usr/sbin/clamd'].find(path => spawnSync(path, ['--version']).status === 0)

/**
 * Ends clamd when its own input ends: when this process closes it, or is gone, however it went. A program in the background has no input of
 * its own, which is why there is a third one.
 */
const GUARD = 'exec 3<&0; "$0" -c "$1" & clamd=$!; (cat <&3; kill -9 $clamd) >/dev/null 2>&1 & wait $clamd'

/** True where there is no clamd; with CI set, there must be one. Otherwise one line says what is left out. */
export function isClamdMissing(): boolean {
  if (PROGRAM) return false
  if (process.env.CI)
    throw new Error('the tests of the malware scan need clamd: apt-get install clamav-daemon')
  return true
}

/** `settings` go on top of the defaults of clamd.conf(5). Takes a second to start. */
export async function startClamd(settings: Readonly<Record<string, string>> = {}): Promise<TestClamd> {
  const folder = await mkdtemp(join(tmpdir(), 'clamd-'))
  const port = await freePort()
  const config = join(folder, 'clamd.conf')
  await mkdir(join(folder, 'db'))
  await writeFile(join(folder, 'db', 'test.ndb'), `Test.Eicar:0:*:${eicar().toString('hex')}\n`)
  const md5 = createHash('md5').update(eicar()).digest('hex')
  await writeFile(join(folder, 'db', 'test.hdb'), `${md5}:${eicar().length}:Test.Eicar\n`)
  const all = {
    Foreground: 'yes',
    DatabaseDirectory: join(folder, 'db'),
    TemporaryDirectory: folder,
    LocalSocket: join(folder, 'socket'),
    TCPAddr: '127.0.0.1',
    TCPSocket: String(port),
    AlertExceedsMax: 'yes',
    SelfCheck: '0',
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} ${value}\n`)
  await writeFile(config, lines.join(''))
  let child: ChildProcess | undefined
  const kill = async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      child.stdin?.end()
      await once(child, 'exit')
    }
  }
  const start = async () => {
    // Its socket stays behind when it is killed.
    await rm(all.LocalSocket, { force: true })
    child = spawn('sh', ['-c', GUARD, PROGRAM ?? 'clamd', config])
    await listens(child, port)
  }
  await start()
  return {
    tcp: `tcp://127.0.0.1:${port}`,
    unix: `unix:${all.LocalSocket}`,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Its last line before it serves. */
const READY = /^Self checking/

async function listens(child: ChildProcess, port: number): Promise<void> {
  const told: string[] = []
  child.stderr?.on('data', text => told.push(String(text).trim()))
  for await (const line of createInterface(child.stdout as NodeJS.ReadableStream)) {
    told.push(line)
    if (!READY.test(line)) continue
    child.stdout?.resume()
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
    return
  }
  throw new Error(`clamd does not start: ${told.slice(-5).join('; ')}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
