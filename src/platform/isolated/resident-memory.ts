import { readFile } from 'node:fs/promises'

const PAGE_BYTES = 4096

/** Bytes that a process holds in memory; null where the system has no such file, or the process is gone. */
export async function residentBytes(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '')
  const pages = Number(text.split(' ')[1])
  return pages > 0 ? pages * PAGE_BYTES : null
}
