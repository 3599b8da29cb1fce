import { execFile } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const CHUNK = Buffer.alloc(64 * 1024)

/** A disk in memory that is as small as a test wants it. */
export interface SmallDisk extends AsyncDisposable {
  /** Leaves no byte free. */
  fill(): Promise<void>
  /** Gives back what `fill` has taken. */
  free(): Promise<void>
}

/** Why this user may not mount one, in the words of `mount`; null when they may. `path` is any folder. */
export async function mountRefusal(path: string): Promise<string | null> {
  try {
    await using _probe = await mountSmallDisk(path, 1)
    return null
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr ?? error).trim()
  }
}

/** Mounts one at `path`; rejects with the reason when this user may not mount. */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk> {
  await mkdir(path, { recursive: true })
  await execute('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', path])
  const ballast = join(path, 'ballast')
  return {
    async fill() {
      const file = await open(ballast, 'w')
      try {
        for (;;) await file.write(CHUNK)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        await file.close()
      }
    },
    free: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      // Lazily: a process that is being ended may still hold a file of it.
      await execute('umount', ['--lazy', path])
    },
  }
}
