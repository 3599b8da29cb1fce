import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Whether a process runs. An orphan that has ended stays in the table until somebody collects it (state Z of Linux): it does not. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !(existsSync('/proc/self/stat') && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
  } catch {
    return false
  }
}

/** Resolves when the process is gone; one that stays for ten seconds is an error, and is killed. */
export async function ended(pid: number): Promise<void> {
  for (let waited = 0; runs(pid); waited += 10) {
    if (waited < 10_000) await pause(10)
    else if (process.kill(pid, 'SIGKILL')) throw new Error(`process ${pid} did not end`)
  }
}

/** The processes that one has started and that have not ended, as Linux tells them. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap(thread => readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' '))
    .filter(Boolean)
    .map(Number)
}

/** The most that a process has ever held in memory, in MiB; 0 for one that has ended. */
export function peakMib(pid: number): number {
  const path = `/proc/${pid}/status`
  return existsSync(path) ? Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'latin1'))?.[1]) / 1024 : 0
}
