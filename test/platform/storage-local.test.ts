import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { openLocalDriver } from '../../src/platform/storage/drivers/local.ts'
import { type StorageKey, storageKey } from '../../src/platform/storage/key.ts'
import { Storage } from '../../src/platform/storage/storage.ts'
import { resumableOf } from '../../src/platform/storage/suite/resumable-writes.ts'
import { describeStorageDriver } from '../../src/platform/storage/suite/storage-driver.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
} from '../../src/platform/storage/suite/store-under-test.ts'
import { countOf } from '../support/counts.ts'
import { type LocalStore, localStore } from './storage-local-store.ts'

const MEBIBYTE = 1024 * 1024

describeStorageDriver('local', () => localStore(), {
  resumable: true,
  files: true,
  manyKeys: countOf({ daily: 1000, thorough: 10_000 }),
})

describe('the local store', () => {
  let store: LocalStore

  beforeEach(async () => {
    store = await localStore()
  })

  afterEach(async () => store.dispose())

  it('makes its folder, and opens it again with what it holds', async () => {
    const root = join(store.root, 'not', 'there', 'yet')
    const key = freshKey()
    await (await openLocalDriver({ root })).write(key, bodyOf(Buffer.from('kept')), {})
    expect(await bytesOf(await openLocalDriver({ root }), key)).toEqual(Buffer.from('kept'))
  })

  it('may itself be reached through a symbolic link', async () => {
    const link = `${store.root}-link`
    await symlink(store.root, link)
    try {
      const driver = await openLocalDriver({ root: link })
      const key = freshKey()
      await driver.write(key, bodyOf(Buffer.from('linked')), {})
      expect(await bytesOf(store.driver, key)).toEqual(Buffer.from('linked'))
    } finally {
      await rm(link)
    }
  })

  it('keeps its files from other users of the machine', async () => {
    const key = storageKey('private/object')
    await store.driver.write(key, bodyOf(Buffer.from('secret')), {})
    expect((await stat(join(store.root, key))).mode & 0o007).toBe(0)
    expect((await stat(join(store.root, 'private'))).mode & 0o007).toBe(0)
  })

  it('has an empty staging folder after writes that succeed, break, or are refused', async () => {
    const key = freshKey()
    await store.driver.write(key, bodyOf(Buffer.from('one')), {})
    await Promise.allSettled([
      store.driver.write(key, bodyOf(Buffer.from('two')), {}),
      store.driver.write(freshKey(), brokenBody(Buffer.alloc(MEBIBYTE), new Error('gone')), {}),
    ])
    await store.driver.check()
    expect(await store.staging()).toEqual([])
  })

  it('leaves nothing when the folder of the object cannot be made', async () => {
    await writeFile(join(store.root, 'ab'), 'a file where a folder should be')
    const key = freshKey()
    await expect(store.driver.write(key, bodyOf(Buffer.from('x')), {})).rejects.toThrow(/EEXIST|ENOTDIR/)
    expect(await store.staging()).toEqual([])
    expect(await store.driver.read(key)).toBeNull()
  })

  it('does not publish a write whose key was deleted meanwhile', async () => {
    const key = freshKey()
    const body = new PassThrough()
    const written = store.driver.write(key, body, {})
    body.write('still going')
    while ((await store.staging()).length === 0) await new Promise(setImmediate)
    await store.driver.delete(key)
    body.end()
    await expect(written).rejects.toThrow('removed meanwhile')
    expect(await all(store.driver.list(''))).toEqual([])
  })

  it('ignores files that are not its own', async () => {
    await writeFile(join(store.root, 'README.txt'), 'not an object')
    await writeFile(join(store.root, '.staging', 'notes.txt'), 'not a write')
    await writeFile(join(store.root, '.staging', 'Bad Name.part'), 'not a write')
    expect(await all(store.driver.list(''))).toEqual([])
    expect(await all(store.driver.listUnfinished())).toEqual([])
  })

  it('takes a folder for no object', async () => {
    await store.driver.write(storageKey('folder/object'), bodyOf(Buffer.from('x')), {})
    const folder = storageKey('folder')
    expect(await store.driver.read(folder)).toBeNull()
    expect(await store.driver.stat(folder)).toBeNull()
    await store.driver.delete(folder)
    expect(await all(store.driver.list(''))).toEqual(['folder/object'])
  })

  describe('with what would lead out of its folder', () => {
    let outside: string

    beforeEach(async () => {
      outside = await mkdtemp(join(tmpdir(), 'outside-'))
      await writeFile(join(outside, 'secret'), 'not yours')
    })

    afterEach(async () => rm(outside, { recursive: true }))

    it.each(['..', '../outside', 'a/../../outside', '/etc/passwd', '.staging/a.part', '.', ''])(
      'refuses the key %j, though keys are checked before',
      async text => {
        const key = text as StorageKey
        await expect(store.driver.read(key)).rejects.toThrow('leads out of the store')
        await expect(store.driver.stat(key)).rejects.toThrow('leads out of the store')
        await expect(store.driver.delete(key)).rejects.toThrow('leads out of the store')
        await expect(store.driver.write(key, bodyOf(Buffer.from('x')), {})).rejects.toThrow(
          'leads out of the store',
        )
        await expect(resumableOf(store.driver).begin(key, {})).rejects.toThrow('leads out of the store')
        expect(await store.staging()).toEqual([])
      },
    )

    it('neither reads nor deletes through a linked file', async () => {
      await symlink(join(outside, 'secret'), join(store.root, 'linked'))
      const key = storageKey('linked')
      expect(await store.driver.read(key)).toBeNull()
      expect(await store.driver.stat(key)).toBeNull()
      await store.driver.delete(key)
      expect(await all(store.driver.list(''))).toEqual([])
      expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('not yours')
    })

    it('neither reads, writes nor deletes through a linked folder', async () => {
      await symlink(outside, join(store.root, 'folder'))
      const [key, fresh] = [storageKey('folder/secret'), storageKey('folder/new')]
      expect(await store.driver.read(key)).toBeNull()
      await store.driver.delete(key)
      await expect(store.driver.write(fresh, bodyOf(Buffer.from('x')), {})).rejects.toThrow(
        'leads out of the store',
      )
      expect(await all(store.driver.list(''))).toEqual([])
      expect(await readdir(outside)).toEqual(['secret'])
      expect(await store.staging()).toEqual([])
    })
  })

  describe('whose process is killed', () => {
    const writer = join(import.meta.dirname, 'storage-endless-writer.ts')

    /** Kills a process that writes the key once some megabytes have arrived. */
    async function killWriterOf(key: StorageKey, how: 'write' | 'resumable'): Promise<void> {
      const child: ChildProcess = spawn(process.execPath, [writer, `file:${store.root}`, key, how], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const exit = once(child, 'exit')
      const staging = join(store.root, '.staging', `${key.replaceAll('/', '.')}.part`)
      const size = () =>
        stat(staging).then(
          file => file.size,
          () => 0,
        )
      while (child.exitCode === null && (await size()) < 8 * MEBIBYTE) await new Promise(setImmediate)
      child.kill('SIGKILL')
      expect(await exit).toEqual([null, 'SIGKILL'])
    }

    it('in a write shows it as unfinished, and loses it with the key', async () => {
      const key = freshKey()
      await killWriterOf(key, 'write')
      expect(await all(store.driver.listUnfinished())).toEqual([key])
      expect(await all(store.driver.list(''))).toEqual([])
      expect(await store.driver.read(key)).toBeNull()
      await store.driver.delete(key)
      expect(await store.staging()).toEqual([])
    })

    it('in an append goes on where the bytes end', async () => {
      const key = freshKey()
      await killWriterOf(key, 'resumable')
      const writes = resumableOf(store.driver)
      const offset = await writes.offset(key)
      expect(offset).toBeGreaterThanOrEqual(8 * MEBIBYTE)
      await writes.append(key, offset, bodyOf(Buffer.from('the end')))
      const { size } = await writes.complete(key)
      const object = await bytesOf(store.driver, key)
      expect(object?.equals(Buffer.concat([Buffer.alloc(offset, 7), Buffer.from('the end')]))).toBe(true)
      expect(size).toBe(offset + 7)
    })
  })

  describe('on a full disk', () => {
    const mayMount = systemAdministrator()
    const onSmallDisk = mayMount ? it : it.skip

    onSmallDisk(
      `says so and leaves nothing${mayMount ? '' : ' (left out: it takes the right to mount)'}`,
      async () => {
        await using disk = await smallDisk()
        const small = await localStore(disk.path)
        const storage = new Storage({ stores: new Map([['small', small.driver]]), defaultStore: 'small' })
        const full = { code: 'INSUFFICIENT_STORAGE', status: 507 }
        const kept = { storeId: 'small', key: freshKey() }
        await storage.write(kept, bodyOf(Buffer.alloc(MEBIBYTE, 1)))

        const tooBig = { storeId: 'small', key: freshKey() }
        await expect(storage.write(tooBig, bodyOf(Buffer.alloc(12 * MEBIBYTE)))).rejects.toMatchObject(full)
        expect(await small.staging()).toEqual([])
        expect(await storage.stat(tooBig)).toBeNull()
        expect(await small.openResources?.()).toBe(0)

        const writes = resumableOf(small.driver)
        const handle = await writes.begin(freshKey(), {})
        const append = storage.resumable('small')?.append(handle, 0, bodyOf(Buffer.alloc(12 * MEBIBYTE)))
        await expect(append).rejects.toMatchObject(full)
        await expect(storage.check('small')).rejects.toMatchObject(full)
        expect(await bytesOf(small.driver, kept.key)).toEqual(Buffer.alloc(MEBIBYTE, 1))
        await writes.abort(handle)
        await storage.check('small')
        expect(await small.staging()).toEqual([])
      },
    )
  })
})

/** Whether this process has CAP_SYS_ADMIN (bit 21 of capabilities(7)), which root lacks in most containers. */
function systemAdministrator(): boolean {
  if (process.platform !== 'linux') return false
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return ((BigInt(`0x${effective ?? 0}`) >> 21n) & 1n) === 1n
}

/** A disk of 8 MiB in memory. */
async function smallDisk(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'small-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path])
  return {
    path,
    async [Symbol.asyncDispose]() {
      execFileSync('umount', [path])
      await rm(path, { recursive: true })
    },
  }
}
