import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, realpath, rename, unlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { StorageConflict } from '../driver.ts'
import { isStorageKey, type StorageKey } from '../key.ts'

const STAGING_FOLDER = '.staging'
const STAGING_SUFFIX = '.part'
const FILE_MODE = 0o640
const FOLDER_MODE = 0o750

/**
 * Which files belong to a key, and the steps that carry one from nothing to an object: claim, publish, remove.
 *
 * An object lies at `root/<key>`; until it is whole, its bytes lie at `root/.staging/<key with dots for slashes>.part`.
 * The staging file is also the lock of its key: only who created it may publish it, and the rename that publishes it
 * gives the lock back. So an object is never replaced, on file systems without hard links too.
 */
export class LocalFiles {
  readonly root: string
  readonly staging: string
  /** Folders whose way down from the root this process has made durable. */
  #durable = new Set<string>()

  private constructor(root: string) {
    this.root = root
    this.staging = join(root, STAGING_FOLDER)
  }

  /** Makes the root and its staging folder if they are missing. */
  static async open(root: string): Promise<LocalFiles> {
    const staging = resolve(root, STAGING_FOLDER)
    const made = await mkdir(staging, { recursive: true, mode: FOLDER_MODE })
    await syncFolders(staging, dirname(made ?? staging))
    return new LocalFiles(await realpath(root))
  }

  /** The path of an object; throws for a key that leads out of the root or among our own dot files. */
  objectPath(key: StorageKey): string {
    const path = resolve(this.root, key)
    if (!this.#holds(path)) throw new Error(`the key ${JSON.stringify(key)} leads out of the store`)
    return path
  }

  stagingPath(key: StorageKey): string {
    this.objectPath(key)
    return join(this.staging, key.replaceAll('/', '.') + STAGING_SUFFIX)
  }

  /** The key of a file in the staging folder; null for a file that is not ours. */
  keyOfStaging(fileName: string): StorageKey | null {
    if (!fileName.endsWith(STAGING_SUFFIX)) return null
    const key = fileName.slice(0, -STAGING_SUFFIX.length).replaceAll('.', '/')
    return isStorageKey(key) ? key : null
  }

  /** The object's path and facts; null when there is none. What is reached through a symbolic link is no object. */
  async find(key: StorageKey): Promise<{ path: string; stats: Stats } | null> {
    const path = this.objectPath(key)
    try {
      const stats = await lstat(path)
      return stats.isFile() && (await this.#isReal(dirname(path))) ? { path, stats } : null
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** Creates the staging file of a key that was never used; StorageConflict when it was. */
  async claim(key: StorageKey): Promise<FileHandle> {
    const path = this.stagingPath(key)
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
    const file = await open(path, flags, FILE_MODE).catch(error => {
      throw hasCode(error, 'EEXIST') ? new StorageConflict(`the key ${key} is being written`) : error
    })
    try {
      if (await this.find(key)) throw new StorageConflict(`the key ${key} is taken`)
    } catch (error) {
      await file.close()
      await unlink(path)
      throw error
    }
    return file
  }

  /** Opens the staging file of a claimed key; StorageConflict when there is none. */
  async reopen(key: StorageKey): Promise<FileHandle> {
    const flags = constants.O_RDWR | constants.O_NOFOLLOW
    return open(this.stagingPath(key), flags).catch(error => {
      throw isMissing(error) ? new StorageConflict(`no unfinished write of the key ${key}`) : error
    })
  }

  /** Turns the staging file, whose bytes are durable, into the object: durable when it resolves. */
  async publish(key: StorageKey): Promise<void> {
    const path = this.objectPath(key)
    const folder = dirname(path)
    const made = await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
    if (made !== undefined) this.#durable.delete(folder)
    if (!(await this.#isReal(folder))) throw new Error(`the folder of the key ${key} leads out of the store`)
    await rename(this.stagingPath(key), path).catch(error => {
      throw isMissing(error)
        ? new StorageConflict(`the write of the key ${key} was removed meanwhile`)
        : error
    })
    await this.settle(key)
  }

  /** Makes the name of a published object durable, with the folders on the way to it. */
  async settle(key: StorageKey): Promise<void> {
    const folder = dirname(this.objectPath(key))
    // A folder lasts when the one above it is synced. Another process may have made it without having come that far.
    await syncFolders(folder, this.#durable.has(folder) ? folder : this.root)
    this.#durable.add(folder)
  }

  /** Removes whatever there is of a key. */
  async remove(key: StorageKey): Promise<void> {
    // Staging first: a writer that publishes in between has put its object where the next step finds it.
    await this.removeStaging(key)
    const found = await this.find(key)
    if (found && (await unlinked(found.path))) await syncFolder(dirname(found.path))
  }

  async removeStaging(key: StorageKey): Promise<void> {
    await unlinked(this.stagingPath(key))
  }

  #holds(path: string): boolean {
    const way = relative(this.root, path)
    return way !== '' && !way.startsWith('.') && !isAbsolute(way)
  }

  /** False when a symbolic link lies on the way to a folder. */
  async #isReal(folder: string): Promise<boolean> {
    return (await realpath(folder)) === folder
  }
}

/** Makes the names in a folder durable. Windows cannot open a folder; its file system keeps a journal of names. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** As `syncFolder`, for a folder and those above it, the last one included. */
async function syncFolders(first: string, last: string): Promise<void> {
  for (let folder = first; ; folder = dirname(folder)) {
    await syncFolder(folder)
    if (folder === last || folder === dirname(folder)) return
  }
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code
}

async function unlinked(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
