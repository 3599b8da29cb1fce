import { randomBytes } from 'node:crypto'
import { type JoinedWrites, StorageConflict, type StorageDriver } from '../driver.ts'
import { all, bodyOf, bytesOf, freshKey, type StoreUnderTest, sha256 } from './store-under-test.ts'

/** What a driver that joins objects must do; part of `describeStorageDriver`. */
export function describeJoinedWrites(store: () => StoreUnderTest): void {
  describe('objects that are joined', () => {
    let driver: StorageDriver
    let joins: JoinedWrites

    beforeEach(() => {
      driver = store().driver
      if (!driver.join) throw new Error('the driver joins nothing')
      joins = driver.join
    })

    const written = async (size: number) => {
      const [key, bytes] = [freshKey(), randomBytes(size)]
      await driver.write(key, bodyOf(bytes), {})
      return { key, size, bytes }
    }

    it('are one in their order, and stay themselves', async () => {
      const parts = [await written(6_000_000), await written(5_242_880), await written(1)]
      const key = freshKey()
      const whole = Buffer.concat(parts.map(({ bytes }) => bytes))
      expect(await joins.join(key, parts)).toEqual({ size: whole.byteLength })
      expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(whole))
      expect(await all(driver.list(''))).toEqual([...parts.map(part => part.key), key].sort())
      expect(await all(driver.listUnfinished())).toEqual([])
    })

    it('are refused a key that is taken, whose object stays', async () => {
      const [part, taken] = [await written(6_000_000), await written(4)]
      await expect(joins.join(taken.key, [part])).rejects.toThrow(StorageConflict)
      expect(await bytesOf(driver, taken.key)).toEqual(taken.bytes)
      expect(await all(driver.listUnfinished())).toEqual([])
    })

    it('leave nothing when one of them is not there', async () => {
      const part = await written(6_000_000)
      const key = freshKey()
      await expect(joins.join(key, [part, { key: freshKey(), size: 6_000_000 }])).rejects.toThrow()
      expect(await driver.stat(key)).toBeNull()
      expect(await all(driver.list(''))).toEqual([part.key])
      expect(await all(driver.listUnfinished())).toEqual([])
    })

    it('are left alone where the store makes no object of such parts', async () => {
      const [small, large] = [await written(10), await written(6_000_000)]
      const key = freshKey()
      const joined = await joins.join(key, [small, large])
      if (joined === null) expect(await driver.stat(key)).toBeNull()
      else expect(joined).toEqual({ size: 6_000_010 })
    })
  })
}
