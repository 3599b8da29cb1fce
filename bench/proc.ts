import { readFile } from 'node:fs/promises'

/** What /proc/PID/stat counts CPU time in: USER_HZ, 100 a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** CPU seconds, user and system, that a process has used with all its threads; its children not included. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name of the program may hold blanks; the fields are counted behind it (proc_pid_stat(5), 14 and 15).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** CPU time in microseconds that a process uses for each of so many requests. */
export async function microsecondsPerRequest(
  pid: number,
  requests: number,
  load: () => Promise<void>,
): Promise<number> {
  const before = await cpuSeconds(pid)
  await load()
  return ((await cpuSeconds(pid)) - before) * (1e6 / requests)
}

/** Memory of one process in bytes: resident, and the part of it that is backed by no file. */
export interface Memory {
  readonly rss: number
  readonly anonymous: number
}

export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
  return { rss: kibibytes('VmRSS') * 1024, anonymous: kibibytes('RssAnon') * 1024 }
}

/** The processes that this one has started and that still run. */
export async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return list.trim().split(' ').filter(Boolean).map(Number)
}

const SAMPLE_MS = 100

/** The highest memory of a process, and of its children together, while `work` runs. */
export async function peakMemory(
  pid: number,
  work: () => Promise<unknown>,
): Promise<Memory & { children: number }> {
  let peak = { ...(await memoryOf(pid)), children: 0 }
  const sample = async () => {
    const now = await memoryOf(pid)
    const children = await Promise.all(
      (await childrenOf(pid)).map(child => memoryOf(child).catch(() => ({ rss: 0 }))),
    )
    peak = {
      rss: Math.max(peak.rss, now.rss),
      anonymous: Math.max(peak.anonymous, now.anonymous),
      children: Math.max(
        peak.children,
        children.reduce((sum, { rss }) => sum + rss, 0),
      ),
    }
  }
  let sampling = Promise.resolve()
  const timer = setInterval(() => {
    sampling = sampling.then(sample)
  }, SAMPLE_MS)
  try {
    await work()
  } finally {
    clearInterval(timer)
    await sampling
  }
  return peak
}
