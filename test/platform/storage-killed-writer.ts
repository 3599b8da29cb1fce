import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StorageKey } from '../../src/platform/storage/key.ts'
import type { StorageVariables } from '../../src/platform/storage/storage-url.ts'
import { lineToTheEnd } from './line-to-the-end.ts'

/** A store of a server with an `endpoint` in its URL. */
interface ServedStore {
  readonly url: string
  readonly variables: StorageVariables
  /** Parts of the key that have arrived. */
  parts(key: StorageKey): Promise<number>
}

/**
 * Kills a process that writes the key, once some parts have arrived; gives the handle of a resumable write. What was on
 * the way from it has arrived then, or never will.
 */
export async function killWriter(work: {
  store: ServedStore
  key: StorageKey
  how: 'write' | 'resumable'
}): Promise<string> {
  const { store, key, how } = work
  const writer = join(import.meta.dirname, 'storage-endless-writer.ts')
  const url = new URL(store.url)
  const endpoint = new URL(url.searchParams.get('endpoint') ?? '')
  const line = await lineToTheEnd(endpoint.href)
  endpoint.port = new URL(line.url).port
  url.searchParams.set('endpoint', endpoint.href)
  const child = spawn(process.execPath, [writer, url.href, key, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, STORE_VARIABLES: JSON.stringify(store.variables) },
  })
  const exit = once(child, 'exit')
  const handle = how === 'write' ? '' : (await once(createInterface(child.stdout), 'line'))[0]
  while (child.exitCode === null && (await store.parts(key)) < 2) await new Promise(setImmediate)
  child.kill('SIGKILL')
  expect(await exit).toEqual([null, 'SIGKILL'])
  await line.close()
  return handle
}
