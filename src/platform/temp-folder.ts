import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Temp folders of this process's kind are named by process id and start time, so that a reused id is not mistaken. */
const NAME = /^(\d+)-(\d+)$/

/** When a process was started, in the kernel's ticks since boot; 0 where /proc does not tell. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat !== null) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  try {
    process.kill(pid, 0)
    return '0'
  } catch {
    return null
  }
}

async function isAlive(name: string): Promise<boolean> {
  const [, pid, start] = NAME.exec(name) ?? []
  return pid !== undefined && (await startOf(Number(pid))) === start
}

/** Folders under `root` whose process is gone: what a kill left behind. */
export async function abandonedTempFolders(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => [])
  const dead = await Promise.all(names.map(async name => NAME.test(name) && !(await isAlive(name))))
  return names.filter((_, i) => dead[i]).map(name => join(root, name))
}

/** A private folder under `root` for this process alone; those of processes that are gone are removed. */
export async function openTempFolder(root: string): Promise<{ path: string; remove(): Promise<void> }> {
  for (const folder of await abandonedTempFolders(root)) await rm(folder, { recursive: true, force: true })
  const path = join(root, `${process.pid}-${(await startOf(process.pid)) ?? '0'}`)
  await mkdir(path, { recursive: true, mode: 0o700 })
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
