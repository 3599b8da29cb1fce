import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The account that azurite has by itself; its key is in azurite's documentation. */
export const AZURITE_ACCOUNT = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
}

/** An Azure blob service, which ends with this process at the latest. */
export interface Azurite extends AsyncDisposable {
  /** Such as `http://127.0.0.1:10000/devstoreaccount1`. */
  readonly endpoint: string
}

/** True where azurite is not installed. With CI set, it must be. */
export function isAzuriteMissing(): boolean {
  try {
    import.meta.resolve('azurite/package.json')
    return false
  } catch (error) {
    if (process.env.CI) throw new Error('the tests of the Azure driver need azurite', { cause: error })
    return true
  }
}

/** Starts a service of its own, on a free port, with its data in memory; takes some seconds. */
export async function startAzurite(): Promise<Azurite> {
  const script = join(import.meta.dirname, 'azurite-process.ts')
  const place = ['--blobHost', '127.0.0.1', '--blobPort', '0', '--inMemoryPersistence']
  const quiet = ['--silent', '--skipApiVersionCheck', '--disableTelemetry']
  const child = spawn(process.execPath, [script, ...place, ...quiet], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exit = once(child, 'exit')
  const address = (async () => {
    for await (const line of createInterface(child.stdout as NodeJS.ReadableStream)) {
      const [, url] = /listens on (http:\S+)/.exec(line) ?? []
      if (url) return url
    }
    throw new Error(`azurite ended with ${(await exit)[0]}`)
  })()
  const endpoint = `${await address}/${AZURITE_ACCOUNT.name}`
  child.stdout?.resume()
  return {
    endpoint,
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await exit
    },
  }
}
