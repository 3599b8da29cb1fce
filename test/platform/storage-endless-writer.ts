/** Run by itself: writes without end into `root` under `key`, by one write or by a resumable one. */
import { Readable } from 'node:stream'
import { openLocalDriver } from '../../src/platform/storage/drivers/local.ts'
import { storageKey } from '../../src/platform/storage/key.ts'

const [root = '', key = '', how = 'write'] = process.argv.slice(2)
const driver = await openLocalDriver({ root })
const endless = new Readable({
  read() {
    this.push(Buffer.alloc(64 * 1024, 7))
  },
})
if (how === 'write') await driver.write(storageKey(key), endless, {})
else await driver.resumable?.append((await driver.resumable.begin(storageKey(key), {})) ?? '', 0, endless)
