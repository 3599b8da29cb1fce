/**
 * A file that the gateway has open, read by an isolated process itself. It is told a descriptor, which
 * stays good when the content is deleted meanwhile. Run by Node itself in the process: erasable TypeScript only.
 */
import { type FileHandle, open } from 'node:fs/promises'

/** Where a process of the same user finds what this one has open (Linux, proc_pid_fd(5)). */
export const pathOfLent = (fd: number): string => `/proc/${process.pid}/fd/${fd}`

export class LentFile {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Null where it cannot be opened, as on systems that have no such paths: then the bytes are asked for. */
  static async open(path: string | undefined): Promise<LentFile | null> {
    const file = path === undefined ? null : await open(path).catch(() => null)
    return file && new LentFile(file)
  }

  /** The bytes from `start` to `end`, both included; null where it does not give all of them. */
  async read(start: number, end: number): Promise<Buffer | null> {
    const bytes = Buffer.allocUnsafeSlow(end - start + 1)
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await this.#file
        .read(bytes, filled, bytes.length - filled, start + filled)
        .catch(() => ({ bytesRead: 0 }))
      if (bytesRead === 0) return null
      filled += bytesRead
    }
    return bytes
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => undefined)
  }
}
