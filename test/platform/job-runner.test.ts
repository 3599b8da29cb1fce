import pg from 'pg'
import { pino } from 'pino'
import { type JobKind, startJobs } from '../../src/platform/jobs/job-runner.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let pool: pg.Pool
beforeEach(async () => {
  database = await createDatabase()
  pool = new pg.Pool({ connectionString: database.url })
  pool.on('error', () => undefined)
  pool.on('connect', client => client.on('error', () => undefined))
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const log = pino({ level: 'silent' })
const add = (name: string) => pool.query(`SELECT graphile_worker.add_job($1)`, [name])

test('slow jobs keep no quick one waiting, however many there are', async () => {
  const release = Promise.withResolvers<void>()
  const allPlaces = Promise.withResolvers<void>()
  const quick = Promise.withResolvers<void>()
  let running = 0
  const kinds: JobKind[] = [
    {
      name: 'slow',
      lane: 'waiting',
      run: async () => {
        if (++running === 4) allPlaces.resolve()
        await release.promise
      },
    },
    { name: 'quick', run: async () => quick.resolve() },
  ]
  for (let i = 0; i < 6; i++) await add('slow')
  const jobs = await startJobs({ pool, log, kinds })
  await allPlaces.promise
  await add('quick')
  await quick.promise
  expect(running).toBe(4)
  release.resolve()
  await jobs.stop()
})

test('a job that does not end is told to when the gateway stops, and is there for another node', async () => {
  const begun = Promise.withResolvers<void>()
  const kinds: JobKind[] = [
    {
      name: 'endless',
      lane: 'waiting',
      run: (_payload, { abortSignal }) =>
        new Promise((_resolve, reject) => {
          abortSignal.addEventListener('abort', () => reject(new Error('stopping')))
          begun.resolve()
        }),
    },
  ]
  await add('endless')
  const jobs = await startJobs({ pool, log, kinds })
  await begun.promise
  await jobs.stop()
  // The worker hands it back behind its own end, and nothing tells of that but the row.
  const free = `SELECT attempts FROM graphile_worker.jobs WHERE locked_at IS NULL`
  let { rows } = await pool.query(free)
  while (rows.length === 0) rows = (await pool.query(free)).rows
  expect(rows).toEqual([{ attempts: 1 }])
}, 60_000)

test('a failure is a warning as long as the job is tried again, and an error in the end', async () => {
  const levels: string[] = []
  const done = Promise.withResolvers<void>()
  const write = (line: string) => {
    const { level, msg } = JSON.parse(line)
    if (/^Failed task/.test(msg)) levels.push(level)
    if (levels.length === 2) done.resolve()
  }
  const listening = pino({ formatters: { level: level => ({ level }) } }, { write })
  const run = async () => {
    throw new Error('planned')
  }
  await pool.query(`SELECT graphile_worker.add_job('again', max_attempts => 2)`)
  const jobs = await startJobs({ pool, log: listening, kinds: [{ name: 'again', run }] })
  while (levels.length === 0) await pool.query('SELECT 1')
  await pool.query(`SELECT graphile_worker.add_job('last', max_attempts => 1)`)
  await jobs.stop()
  const others = await startJobs({ pool, log: listening, kinds: [{ name: 'last', run }] })
  await done.promise
  await others.stop()
  expect(levels).toEqual(['warn', 'error'])
})
