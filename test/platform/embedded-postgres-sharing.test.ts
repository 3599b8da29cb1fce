import {
  answers,
  cleanUp,
  dataFolder,
  openHere,
  rows,
  serverPid,
  startUser,
} from './embedded-postgres-support.ts'

afterEach(cleanUp)

describe('embedded PostgreSQL among several users', () => {
  it('ends with the last of two processes, not with the first', async () => {
    const dataDir = dataFolder()
    const [one, two] = [startUser(dataDir), startUser(dataDir)]
    const connection = await one.connection()
    await two.connection()
    await one.close()
    expect(await answers(connection)).toBe(true)
    await two.close()
    expect(await answers(connection)).toBe(false)
  })

  it('is set up and started once when many processes start at the same moment', async () => {
    const dataDir = dataFolder()
    const users = Array.from({ length: 4 }, () => startUser(dataDir))
    const connections = await Promise.all(users.map(user => user.connection()))
    expect(new Set(connections.map(({ password }) => password)).size).toBe(1)
    expect(users.flatMap(user => user.lines).filter(line => line.event === 'notice')).toHaveLength(1)
    await Promise.all(users.map(user => user.close()))
    expect(connections[0] && (await answers(connections[0]))).toBe(false)
  })

  it('serves a process that comes while the last one leaves', async () => {
    const dataDir = dataFolder()
    for (let round = 0; round < 5; round++) {
      const leaver = await openHere(dataDir)
      const [joiner] = await Promise.all([openHere(dataDir), leaver.close()])
      expect(await answers(joiner.connection)).toBe(true)
      await joiner.close()
      expect(await answers(joiner.connection)).toBe(false)
    }
  })

  it('counts every opening within one process, and a second close of one of them not at all', async () => {
    const dataDir = dataFolder()
    const [one, two] = await Promise.all([openHere(dataDir), openHere(dataDir)])
    await one.close()
    await one.close()
    expect(await answers(two.connection)).toBe(true)
    await two.close()
    expect(await answers(two.connection)).toBe(false)
  })

  it('is taken over, still running, when its only user was killed', async () => {
    const dataDir = dataFolder()
    const user = startUser(dataDir)
    await user.connection()
    const pid = serverPid(dataDir)
    await user.kill()

    const heir = await openHere(dataDir)
    expect(heir.notices).toEqual(['Took over the PostgreSQL server that an earlier run left behind.'])
    expect(serverPid(dataDir)).toBe(pid)
    await heir.close()
    expect(await answers(heir.connection)).toBe(false)
  })

  it('ends with the last living user when another one was killed', async () => {
    const dataDir = dataFolder()
    const [one, two] = [startUser(dataDir), startUser(dataDir)]
    await one.connection()
    const connection = await two.connection()
    await one.kill()
    await two.close()
    expect(await answers(connection)).toBe(false)
  })

  it('leaves its end to its users when a terminal interrupts them all', async () => {
    const dataDir = dataFolder()
    const user = startUser(dataDir)
    const connection = await user.connection()
    const [before] = await rows(connection, 'SELECT pg_postmaster_start_time() AS since')
    process.kill(-user.pid, 'SIGINT')
    await user.next('interrupted')
    expect(await rows(connection, 'SELECT pg_postmaster_start_time() AS since')).toEqual([before])
    await user.close()
    expect(await answers(connection)).toBe(false)
  })
})
