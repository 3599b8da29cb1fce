import { randomBytes } from 'node:crypto'
import type { ObjectFiles, StorageDriver } from '../driver.ts'
import { bodyOf, freshKey, type StoreUnderTest } from './store-under-test.ts'

/** What a driver whose objects are files of this machine must do; part of `describeStorageDriver`. */
export function describeFiles(store: () => StoreUnderTest): void {
  describe('an object that is a file', () => {
    let driver: StorageDriver
    let files: ObjectFiles

    beforeEach(() => {
      driver = store().driver
      if (!driver.files) throw new Error('the objects of the driver are no files')
      files = driver.files
    })

    it('is opened to be read, and not to be changed', async () => {
      const [key, bytes] = [freshKey(), randomBytes(100_000)]
      await driver.write(key, bodyOf(bytes), {})
      const file = await files.open(key)
      try {
        expect(await file?.readFile()).toEqual(bytes)
        await expect(file?.write('x')).rejects.toThrow()
      } finally {
        await file?.close()
      }
    })

    it('is null when there is none, or no longer', async () => {
      const key = freshKey()
      expect(await files.open(key)).toBeNull()
      await driver.write(key, bodyOf(Buffer.from('short-lived')), {})
      await driver.delete(key)
      expect(await files.open(key)).toBeNull()
    })
  })
}
