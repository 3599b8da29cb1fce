import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

export const RGW_KEY = { id: 'testkey', secret: 'testsecret' }

/** How long one may take to start, on a machine that has much else to do. */
export const STARTS_WITHIN_MS = 180_000

/** Where a gateway is, for other processes. */
export interface RgwAddress {
  /** Such as `http://127.0.0.1:7480`; path style. */
  readonly endpoint: string
  /** What Ceph's own programs find the cluster by. */
  readonly configFile: string
}

/** The S3 gateway of a Ceph object store. */
export interface CephRgw extends RgwAddress {
  /** Runs Ceph's own administration of the gateway. */
  admin(...args: readonly string[]): Promise<void>
}

/** One that this process has started, and that ends with it at the latest. */
export interface OwnCephRgw extends CephRgw, AsyncDisposable {
  /** SIGKILL to the gateway alone: what is stored stays, what is under way breaks off. Nothing when it is dead already. */
  kill(): void
  /** Starts the killed gateway again, at the same endpoint; resolves when it answers. */
  restart(): Promise<void>
}

const PROGRAMS = ['ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin']

/** The programs of Ceph that are missing here. With CI set, none may be missing. */
export function missingCephPrograms(): readonly string[] {
  const missing = PROGRAMS.filter(name => !isInstalled(name))
  if (missing.length > 0 && process.env.CI)
    throw new Error(`the tests of the S3 driver need ${missing.join(', ')}: see .ci/run`)
  return missing
}

/** Starts a store of its own, on free ports, with its data in memory; takes about 15 seconds. */
export async function startCephRgw(): Promise<OwnCephRgw> {
  const missing = PROGRAMS.filter(name => !isInstalled(name))
  if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')} here: see .ci/run`)
  const folder = await mkdtemp(join(tmpdir(), 'ceph-rgw-'))
  const ports = await freePorts(3)
  const script = join(import.meta.dirname, 'ceph-rgw.sh')
  const child = spawn('bash', [script, folder, ...ports.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const ended = exit.then(([code]) => Promise.reject(new Error(`the object store ended with ${code}`)))
  ended.catch(() => undefined)
  const lines = createInterface(child.stdout)
  const started = async () => {
    const [line] = await Promise.race([once(lines, 'line'), ended])
    const pid = /^ready (\d+)$/.exec(line)?.[1]
    if (pid === undefined) throw new Error(`the object store said ${JSON.stringify(line)}`)
    return Number(pid)
  }
  let gateway: number | null = await started()
  return {
    ...cephRgwAt({ endpoint: `http://127.0.0.1:${ports[0]}`, configFile: join(folder, 'ceph.conf') }),
    kill() {
      if (gateway !== null) process.kill(gateway, 'SIGKILL')
      gateway = null
    },
    async restart() {
      const starting = started()
      child.stdin.write('\n')
      gateway = await starting
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exit
    },
  }
}

/** One that was started by another process. */
export function cephRgwAt({ endpoint, configFile }: RgwAddress): CephRgw {
  return {
    endpoint,
    configFile,
    async admin(...args) {
      await promisify(execFile)('radosgw-admin', ['-c', configFile, '-n', 'client.rgw', ...args])
    },
  }
}

/** Held all at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => promisify(server.close.bind(server))()))
  return ports
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
