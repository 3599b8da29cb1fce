import { readdir, readFile } from 'node:fs/promises'

/** CPU seconds that the threads of a process which still run have used; its children not included. */
export async function cpuSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`)
  // The first number is the time on a CPU in nanoseconds (Linux, Documentation/scheduler/sched-stats.rst).
  const times = await Promise.all(
    threads.map(async thread => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')
      return Number(text.split(' ', 1)[0])
    }),
  )
  return times.reduce((sum, time) => sum + time, 0) / 1e9
}

/** Turns in which two sides of a round are measured: a machine is seldom as fast for a second as it was in the one before. */
export const TURNS = 10

export interface Side {
  readonly pid: number
  /** Sends so many requests. */
  readonly load: (requests: number) => Promise<void>
}

/** CPU time in microseconds that each side uses for a request, of so many, both in turn. */
export async function microsecondsPerRequest(
  sides: readonly [Side, Side],
  requests: number,
): Promise<{ ours: number; baseline: number }> {
  const spent: [number, number] = [0, 0]
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, { pid, load }] of sides.entries()) {
      const before = await cpuSeconds(pid)
      await load(requests / TURNS)
      spent[i as 0 | 1] += (await cpuSeconds(pid)) - before
    }
  }
  const [ours, baseline] = spent.map(seconds => (seconds * 1e6) / requests) as [number, number]
  return { ours, baseline }
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
