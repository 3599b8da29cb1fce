import fc from 'fast-check'
import pg from 'pg'
import { Database } from '../../src/platform/db/database.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let ours: Database
let theirs: pg.Client
beforeAll(async () => {
  database = await createDatabase()
  const connection = { connectionString: database.url }
  ours = await Database.open({ connection, entities: [], poolSize: 1, onIdleError: () => undefined })
  theirs = new pg.Client(connection)
  await theirs.connect()
})
afterAll(async () => {
  await theirs.end()
  await ours.close()
  await database.drop()
})

/** The same statement, read by us and by the driver alone. */
async function both(text: string, values: unknown[]): Promise<[unknown, unknown]> {
  const [row] = await ours.query<{ value: unknown }>(text, values)
  const { rows } = await theirs.query(text, values)
  return [row?.value, rows[0].value]
}

test.each(['UTC', 'Asia/Kolkata', 'America/St_Johns'])(
  'times are what the driver reads, in %s',
  async zone => {
    await ours.query(`SET TIME ZONE '${zone}'`)
    await theirs.query(`SET TIME ZONE '${zone}'`)
    const time = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    await fc.assert(
      fc.asyncProperty(time, async date => {
        const [read, expected] = await both('SELECT $1::timestamptz(3) AS value', [date.toISOString()])
        expect((read as Date).getTime()).toBe((expected as Date).getTime())
        expect((read as Date).toISOString()).toBe(date.toISOString())
        expect(JSON.stringify(read)).toBe(JSON.stringify(expected))
      }),
      { numRuns: 200 },
    )
    for (const text of ['-infinity', 'infinity', '0044-03-15 12:00:00+00 BC', '12000-01-01 00:00:00+00']) {
      const [read, expected] = await both('SELECT $1::timestamptz AS value', [text])
      expect(read).toEqual(expected)
    }
    const [read, expected] = await both(`SELECT timestamptz '2026-01-02 03:04:05.123456+00' AS value`, [])
    expect((read as Date).getTime()).toBe((expected as Date).getTime())
  },
)

test('arrays of texts are what the driver reads', async () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', ' ', 'NULL', 'null', '{}', '{', ',', '"', '\\', 'a,b', 'plain', 'ü', '東京'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(word)), async words => {
      const texts = words.map(text => text?.replaceAll('\0', '') ?? null)
      const [read, expected] = await both('SELECT $1::text[] AS value', [texts])
      expect(read).toEqual(expected)
      expect(read).toEqual(texts)
    }),
    { numRuns: 500 },
  )
})
