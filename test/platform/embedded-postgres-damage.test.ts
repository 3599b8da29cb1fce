import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { exclusively, tryLock } from '../../src/platform/db/embedded/file-lock.ts'
import {
  answers,
  cleanUp,
  dataFolder,
  later,
  openHere,
  pgData,
  rows,
  serverPid,
  startUser,
} from './embedded-postgres-support.ts'

afterEach(cleanUp)

/** Kills the server as a loss of memory would, and waits until the process is gone. */
async function killServer(dataDir: string): Promise<void> {
  const pid = serverPid(dataDir)
  process.kill(pid, 'SIGKILL')
  while (isThere(pid)) await delay(10)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('embedded PostgreSQL after an accident', () => {
  it('recovers what was committed before its server was killed', async () => {
    const dataDir = dataFolder()
    const { connection } = await openHere(dataDir)
    await rows(connection, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await killServer(dataDir)

    const next = await openHere(dataDir)
    expect(await rows(next.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('waits for the sessions that outlive a killed server', async () => {
    const dataDir = dataFolder()
    const { connection } = await openHere(dataDir)
    // Busy with computing, a session does not notice that its server has gone.
    const busy = rows(connection, 'SELECT sum(ln(n)) FROM generate_series(1, 6000000) AS n').catch(
      () => undefined,
    )
    const running = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT sum%'`
    while ((await rows(connection, running)).length === 0) await delay(10)
    await killServer(dataDir)
    const next = await openHere(dataDir)
    expect(await answers(next.connection)).toBe(true)
    await busy
  })

  it('starts although the process id of its killed server belongs to another process now', async () => {
    const dataDir = dataFolder()
    const { connection } = await openHere(dataDir)
    await killServer(dataDir)
    // PostgreSQL itself refuses to start when a process of its own user has that id.
    const { uid, gid } = statSync(pgData(dataDir))
    const stranger = spawn('sleep', ['60'], { uid, gid })
    await once(stranger, 'spawn')
    later(() => stranger.kill())
    for (const file of [
      join(pgData(dataDir), 'postmaster.pid'),
      join(connection.host, '.s.PGSQL.5432.lock'),
    ]) {
      const [, ...rest] = readFileSync(file, 'utf8').split('\n')
      writeFileSync(file, [stranger.pid, ...rest].join('\n'))
    }

    const next = await openHere(dataDir)
    expect(await answers(next.connection)).toBe(true)
    await next.close()
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  })

  it('is not held up by a process that was killed during its start', async () => {
    const dataDir = dataFolder()
    for (const round of [1, 2, 3, 4, 5, 6]) {
      const user = startUser(dataDir)
      await delay(round * 80)
      await user.kill()
    }
    const next = await openHere(dataDir)
    expect(await answers(next.connection)).toBe(true)
    await next.close()
    expect(await answers(next.connection)).toBe(false)
  })

  it('locks a file for one alone or for many together, until they let go or wait no more', async () => {
    const file = join(dataFolder(), 'lock')
    const shared = [tryLock(file, 'shared'), tryLock(file, 'shared')]
    expect(tryLock(file, 'exclusive')).toBeNull()
    await expect(exclusively(file, 30, async () => 'done')).rejects.toThrow(/has held .* for 0\.03 seconds/)
    const waiting = exclusively(file, 10_000, async () => tryLock(file, 'shared'))
    for (const lock of shared) lock?.release()
    expect(await waiting).toBeNull()
  })
})
