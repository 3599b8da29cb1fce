import { readFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { type Binaries, program } from './binaries.ts'
import { ownAccount, runProgram } from './run-program.ts'

/** What a server says of itself in its data folder (src/include/utils/pidfile.h of PostgreSQL). */
export interface Postmaster {
  readonly pid: number
  /** Where it listens: a folder with its socket, or an address. Null while it has not said so yet. */
  readonly address: { readonly host: string; readonly port: number } | null
}

export const PID_FILE = 'postmaster.pid'

/** The server that the data folder names, alive or not; null when it names none. */
export async function readPostmaster(data: string): Promise<Postmaster | null> {
  const text = await readFile(join(data, PID_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const [pid, , , port, socketFolder, listenAddress] = text.split(/\r?\n/)
  if (!Number(pid)) return null
  const host = socketFolder || listenAddress
  return { pid: Number(pid), address: host && port ? { host, port: Number(port) } : null }
}

/**
 * True when the process lives and is a server of this data folder. A process id alone says nothing: after a crash or a
 * reboot it may be anybody's. On Windows it has to do.
 */
export async function isAlive({ pid }: Postmaster, data: string): Promise<boolean> {
  if (platform() === 'linux') {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return command.split('\0').includes(data)
  }
  if (platform() === 'win32') return signal(pid, 0)
  const { output } = await runProgram('ps', ['-ww', '-o', 'command=', '-p', String(pid)], ownAccount)
  return output.includes(data)
}

/** Asks for a fast shutdown: sessions are ended, a checkpoint is written. A server that has just ended is no error. */
export async function requestShutdown({ pid }: Postmaster, binaries: Binaries): Promise<void> {
  if (platform() === 'win32') {
    await runProgram(program(binaries, 'pg_ctl'), ['kill', 'INT', String(pid)], ownAccount)
  } else {
    signal(pid, 'SIGINT')
  }
}

/** Sends it; false when there is no such process, or it is not ours. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
