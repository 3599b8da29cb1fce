import type { Database } from '../../src/platform/db/database.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ LOG_LEVEL: 'trace' })
})
afterAll(() => gateway.close())

const basic = (key: string, secret: string) => `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`

/** Every row of every table of ours as PostgreSQL writes it; bytes as hex. */
async function dump(database: Database): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  )
  const texts = await Promise.all(
    tables.map(({ name }) => database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)),
  )
  return texts
    .flat()
    .map(({ row }) => row)
    .join('\n')
}

test('no secret of any kind is in the database, in a log or in the answer to one that is wrong', async () => {
  const cli = commandLine(gateway)
  const create = async (...args: string[]) =>
    (await cli('key', 'create', '--account', 'acme', '--scopes', 'media:read', '--json', ...args)).json()
  const chosen = 'canaryChosenByPeople'
  const opaque = 'canaryOpaqueTokenOfAnotherSystem'
  const made = await create()
  const rotated = (await cli('key', 'rotate', made.id, '--keep-old-for', '1h', '--json')).json()
  await create('--id', 'chosen', '--secret', chosen)
  await create('--id', 'opaque', '--token', opaque)
  const secrets = [made.secret, rotated.secret, chosen, opaque]
  const good = [
    `Bearer ${made.token}`,
    basic(made.id, rotated.secret),
    basic('chosen', chosen),
    `Bearer ${opaque}`,
  ]
  const answers: string[] = []
  for (const authorization of good) {
    const ask = (header: string, query: string) =>
      gateway
        .as(header)
        .send(query, { password: header })
        .then(({ status, errors }) => {
          answers.push(JSON.stringify(errors ?? null))
          return status
        })
    expect(await ask(authorization, '{ viewer { principal } }')).toBe(200)
    expect(await ask(authorization, '{ apiKeys { totalCount } }')).toBe(200)
    expect(await ask(`${authorization}x`, '{ viewer { principal } }')).toBe(401)
    expect(await ask(authorization.replace(/ /, ' !'), '{ viewer { principal } }')).toBe(401)
  }
  expect(answers.filter(answer => answer.includes('FORBIDDEN'))).toHaveLength(4)

  const database = await dump(gateway.app.foundation.database)
  expect(database).toContain('chosen')
  expect(gateway.log.length).toBeGreaterThan(15)
  for (const [place, text] of Object.entries({
    database,
    log: JSON.stringify(gateway.log),
    answers: answers.join(),
  })) {
    for (const secret of secrets) {
      const bytes = Buffer.from(secret)
      const forms = [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '').slice(2, -2)]
      expect([place, ...forms.filter(form => text.includes(form))]).toEqual([place])
    }
  }
})

test('the search for secrets would find one that is there', async () => {
  const { database } = gateway.app.foundation
  await database.query(`INSERT INTO account (id, name) VALUES ('canary', 'canaryInTheClear')`)
  expect(await dump(database)).toContain('canaryInTheClear')
})
