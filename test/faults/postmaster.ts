import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, readPostmaster } from '../../src/platform/db/embedded/postmaster.ts'

/** The process id of the embedded server of this DATA_DIR; null when none runs. */
export async function postmasterPid(dataDir: string): Promise<number | null> {
  const data = await realpath(join(dataDir, 'postgres', 'cluster', 'data')).catch(() => null)
  const postmaster = data && (await readPostmaster(data))
  return postmaster && (await isAlive(postmaster, data)) ? postmaster.pid : null
}

/** Ends the embedded server that killed gateways have left behind, and waits until it is gone. */
export async function endPostgres(dataDir: string): Promise<void> {
  for (let pid = await postmasterPid(dataDir); pid !== null; pid = await postmasterPid(dataDir)) {
    process.kill(pid, 'SIGQUIT')
    await delay(50)
  }
}
