/** Run by itself: writes without end into the store of a URL under `key`, by one write, or by a resumable one whose handle it prints. */
import { Readable } from 'node:stream'
import { storageKey } from '../../src/platform/storage/key.ts'
import { openDriver } from '../../src/platform/storage/storage-url.ts'

const [url = '', key = '', how = 'write'] = process.argv.slice(2)
const variables = JSON.parse(process.env.STORE_VARIABLES ?? '{}')
const driver = await openDriver(url, variables)
const endless = new Readable({
  read() {
    this.push(Buffer.alloc(64 * 1024, 7))
  },
})
if (how === 'write') await driver.write(storageKey(key), endless, {})
else {
  const handle = (await driver.resumable?.begin(storageKey(key), {})) ?? ''
  process.stdout.write(`${handle}\n`)
  await driver.resumable?.append(handle, 0, Readable.from([Buffer.alloc(1000, 7)]))
  await driver.resumable?.append(handle, 1000, endless)
}
