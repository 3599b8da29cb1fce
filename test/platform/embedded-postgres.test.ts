import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, cleanUp, dataFolder, openHere, pgData, rows } from './embedded-postgres-support.ts'

describe('embedded PostgreSQL', () => {
  afterEach(cleanUp)

  it('sets itself up the first time and keeps its data for the second', async () => {
    const dataDir = dataFolder()
    const first = await openHere(dataDir)
    expect(first.notices).toEqual([`Setting up PostgreSQL 18 in ${pgData(dataDir)}.`])
    await rows(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.close()
    expect(await answers(first.connection)).toBe(false)

    const second = await openHere(dataDir)
    expect(second.notices).toEqual([])
    expect(await rows(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('works in a folder whose path is too long for a socket, and leaves nothing beside it', async () => {
    const dataDir = join(dataFolder(), 'long-'.repeat(20), 'long-'.repeat(20))
    mkdirSync(dataDir, { recursive: true })
    const postgres = await openHere(dataDir)
    expect(postgres.connection.host.length).toBeLessThan(60)
    expect(statSync(postgres.connection.host).mode & 0o777).toBe(0o700)
    expect(await answers(postgres.connection)).toBe(true)
    await postgres.close()
    expect(() => statSync(postgres.connection.host)).toThrow('ENOENT')
  })

  it('works in a folder whose name means something to a shell and to PostgreSQL', async () => {
    const dataDir = join(dataFolder(), `a "b", $HOME 'c' é`)
    const { connection } = await openHere(dataDir)
    expect(await answers(connection)).toBe(true)
  })

  it('begins again where a set-up was killed', async () => {
    const dataDir = dataFolder()
    const { connection, close } = await openHere(dataDir)
    await close()
    rmSync(pgData(dataDir), { recursive: true })
    const draft = join(pgData(dataDir), '..', 'initdb-killed')
    mkdirSync(draft)
    writeFileSync(join(draft, 'PG_VERSION'), '18\n')

    const again = await openHere(dataDir)
    expect(await answers(again.connection)).toBe(true)
    expect(again.connection.password).not.toBe(connection.password)
    expect(existsSync(draft)).toBe(false)
  })

  it('leaves a database of another major version alone and says what to do', async () => {
    const dataDir = dataFolder()
    await (await openHere(dataDir)).close()
    const version = join(pgData(dataDir), 'PG_VERSION')
    writeFileSync(version, '17\n')
    await expect(openHere(dataDir)).rejects.toThrow(/made by PostgreSQL 17, .* brings 18\. .* pg_dumpall/)
    expect(readFileSync(version, 'utf8')).toBe('17\n')
  })

  it('does not take a database without its password for a new one', async () => {
    const dataDir = dataFolder()
    await (await openHere(dataDir)).close()
    rmSync(join(pgData(dataDir), '..', 'password'))
    await expect(openHere(dataDir)).rejects.toThrow(/lost its password/)
    expect(readdirSync(pgData(dataDir))).toContain('PG_VERSION')
  })

  it('does not set up a new database where files of another one lie', async () => {
    const dataDir = dataFolder()
    const { connection, close } = await openHere(dataDir)
    await close()
    rmSync(join(pgData(dataDir), 'PG_VERSION'))
    await expect(openHere(dataDir)).rejects.toThrow(/PG_VERSION is missing\. Nothing was touched/)
    const password = readFileSync(join(pgData(dataDir), '..', 'password'), 'utf8')
    expect(password).toBe(connection.password)
  })

  it('says with the words of PostgreSQL why it did not start, and starts when that is mended', async () => {
    const dataDir = dataFolder()
    await expect(openHere(dataDir, { settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /did not start.*server\.log:\n.*invalid value for parameter "shared_buffers": "plenty"/s,
    )
    const { connection } = await openHere(dataDir, { settings: { work_mem: '5MB' } })
    expect(await rows(connection, 'SHOW work_mem')).toEqual([{ work_mem: '5MB' }])
  })
})

describe('the server of embedded PostgreSQL', () => {
  let connection: Awaited<ReturnType<typeof openHere>>['connection']
  beforeAll(async () => {
    ;({ connection } = await openHere(dataFolder()))
  })
  afterAll(cleanUp)

  it('gives the gateway a role that owns its database and is no superuser', async () => {
    const [row] = await rows(
      connection,
      `SELECT current_user = datdba::regrole::text AS owner, rolsuper AS super FROM pg_database, pg_roles
       WHERE datname = current_database() AND rolname = current_user`,
    )
    expect(row).toEqual({ owner: true, super: false })
    await rows(connection, 'CREATE EXTENSION pg_trgm')
  })

  it('stores text as UTF-8, compares it by code point and knows the letters of all languages', async () => {
    const [row] = await rows(connection, `SELECT lower('ÄÉЖ') AS lower, 'Z' < 'a' AS "byCodePoint"`)
    expect(row).toEqual({ lower: 'äéж', byCodePoint: true })
  })

  it('listens on a private socket alone and asks for its password there', async () => {
    expect(statSync(connection.host).mode & 0o777).toBe(0o700)
    expect(statSync(join(connection.host, 'password')).mode & 0o777).toBe(0o600)
    expect(await rows(connection, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }])
    await expect(rows({ ...connection, password: 'guessed' }, 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    })
    await expect(rows({ ...connection, user: 'postgres', password: '' }, 'SELECT 1')).rejects.toThrow()
  })
})
