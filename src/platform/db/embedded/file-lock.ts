import { accessSync, constants } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

/** A held lock. It ends with `release` or with the process, whichever comes first. */
export interface FileLock {
  release(): void
}

const SQLITE_BUSY = 5

/** Keeps held locks from the garbage collector, which would let them go. */
const held = new Set<DatabaseSync>()

/**
 * Takes the lock of a file that only locks use, without waiting; null when another holder is in the way. Any number may
 * hold it `shared`, or one `exclusive`; holders in one process count like holders in many.
 *
 * These are the file locks of SQLite (sqlite.org/lockingv3.html), the one portable way of the standard library to a lock
 * that the system itself gives back when a process dies: no process ids to compare, nothing stale to clean up. The file
 * stays empty and must not be removed while processes use it.
 */
export function tryLock(file: string, mode: 'shared' | 'exclusive'): FileLock | null {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // On a file that may only be read SQLite would take a shared lock for an exclusive one.
    accessSync(file, constants.W_OK)
    database.exec(mode === 'exclusive' ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT count(*) FROM sqlite_master')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null
    throw error
  }
  held.add(database)
  return {
    release: () => {
      if (held.delete(database)) database.close()
    },
  }
}

/** Runs `work` while nobody else holds the lock of `file`; waits for that at most `waitMs`. */
export async function exclusively<T>(file: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const lock = tryLock(file, 'exclusive')
    if (lock) {
      try {
        return await work()
      } finally {
        lock.release()
      }
    }
    if (Date.now() > deadline)
      throw new Error(`Another process has held ${file} for ${waitMs / 1000} seconds.`)
    await delay(20)
  }
}
