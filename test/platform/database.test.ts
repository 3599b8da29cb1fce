import { Database } from '../../src/platform/db/database.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let clone: TestDatabase
let database: Database
beforeAll(async () => {
  clone = await createDatabase({ empty: true })
  database = await Database.open({
    connection: { connectionString: clone.url },
    entities: [],
    poolSize: 4,
    onIdleError: () => undefined,
  })
})
afterAll(async () => {
  await database.close()
  await clone.drop()
})

async function untilOneWaits(): Promise<void> {
  const waiting = `SELECT FROM pg_locks WHERE NOT granted AND pid IN
    (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`
  while ((await database.query(waiting)).length === 0);
}

test('a statement that a deadlock ended is run again', async () => {
  await database.query(`CREATE TABLE tally AS SELECT name, 0 AS n FROM unnest('{a,b}'::text[]) AS name`)
  const raise = (name: string) => `UPDATE tally SET n = n + 1 WHERE name = '${name}'`
  let statement: Promise<unknown> = Promise.resolve()
  await database.transaction(async tx => {
    await tx.query(raise('a'))
    const both = `WITH first AS (${raise('b')} RETURNING 1) ${raise('a')} AND EXISTS (SELECT FROM first)`
    statement = database.query(both)
    await untilOneWaits()
    await tx.query(raise('b'))
  })
  await statement
  expect(await database.query('SELECT name, n FROM tally ORDER BY name')).toEqual([
    { name: 'a', n: 2 },
    { name: 'b', n: 2 },
  ])
})
