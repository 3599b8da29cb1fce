import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StorageKey } from '../../src/platform/storage/key.ts'
import { lineToTheEnd } from './line-to-the-end.ts'
import type { S3Store } from './storage-s3-store.ts'

/**
 * Kills a process that writes the key, once some parts have arrived; gives the handle of a resumable write. What was on
 * the way from it has arrived then, or never will.
 */
export async function killWriter(work: {
  store: S3Store
  key: StorageKey
  how: 'write' | 'resumable'
}): Promise<string> {
  const { store, key, how } = work
  const writer = join(import.meta.dirname, 'storage-endless-writer.ts')
  const url = new URL(store.url)
  const line = await lineToTheEnd(url.searchParams.get('endpoint') ?? '')
  url.searchParams.set('endpoint', line.url)
  const child = spawn(process.execPath, [writer, url.href, key, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: process.env,
  })
  const exit = once(child, 'exit')
  const handle = how === 'write' ? '' : (await once(createInterface(child.stdout), 'line'))[0]
  while (child.exitCode === null && (await store.parts()) < 2) await new Promise(setImmediate)
  child.kill('SIGKILL')
  expect(await exit).toEqual([null, 'SIGKILL'])
  await line.close()
  return handle
}
