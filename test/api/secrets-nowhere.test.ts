import { recordChange } from '../../src/platform/audit/trail.ts'
import type { Database } from '../../src/platform/db/database.ts'
import { SECRET_FIELDS } from '../../src/platform/redaction.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'
import { put, ticketFor } from '../support/tickets.ts'

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

test('the URL of a ticket, which is its credential, is in no log and not in the database, whatever becomes of it', async () => {
  const { id, putUrl } = await ticketFor(gateway, { size: 5 })
  const token = putUrl.slice(putUrl.lastIndexOf('/') + 1)
  const [, , signature = ''] = token.split('.')
  const before = gateway.log.length
  const tus = { 'tus-resumable': '1.0.0' }
  const statuses: number[] = []
  const ask = async (url: string, init: RequestInit) => void statuses.push((await fetch(url, init)).status)
  await ask(putUrl, { method: 'PUT', body: 'too long for it' })
  await ask(`${putUrl}x`, { method: 'PUT', body: 'x' })
  await ask(putUrl, { method: 'PUT', body: 'x', headers: { authorization: 'Bearer mgw_root_wrong' } })
  await ask(putUrl, { method: 'GET' })
  await ask(putUrl, { method: 'POST', headers: { ...tus, 'upload-length': '6' } })
  await ask(`${putUrl}/${id}`, { method: 'HEAD', headers: tus })
  await ask(`${putUrl}?token=${token}`, { method: 'POST', headers: { ...tus, 'upload-length': '5' } })
  expect(statuses).toEqual([413, 404, 401, 404, 413, 404, 201])
  expect(await put(putUrl, Buffer.from('right'))).toMatchObject({ status: 201 })
  await ask(putUrl, { method: 'PUT', body: 'wrong' })
  expect(statuses.at(-1)).toBe(409)
  const log = gateway.log.slice(before)
  expect(log.length).toBeGreaterThanOrEqual(statuses.length)
  expect(log.filter(line => JSON.stringify(line).includes(signature))).toEqual([])
  expect(await dump(gateway.app.foundation.database)).not.toContain(signature)
})

test('a secret that comes in the place of anything else is in no row of the audit log, and in no log line', async () => {
  const canary = 'canaryInTheWrongPlace'
  const before = gateway.log.length
  const graphql = [
    `mutation { importMedia(input: { url: "https://u:${canary}@127.0.0.1/x?token=${canary}#${canary}" }) { userErrors { code } } }`,
    `mutation { deleteMedia(input: { id: "${canary}" }) { userErrors { code } } }`,
    `mutation { revokeApiKey(input: { id: "mgw_root_${canary}" }) { userErrors { code } } }`,
    `mutation { revokeShareLink(input: { id: "shr_${canary}" }) { userErrors { code } } }`,
    `mutation { createShareLink(input: { mediaId: "${canary}", expiresIn: 60, idempotencyKey: "${canary}" }) { userErrors { code } } }`,
    `mutation { createCollection(input: { name: "C", description: "${canary}", clientMutationId: "${canary}" }) { userErrors { code } } }`,
    `mutation { createUpload(input: { fileName: "${canary}", title: "${canary}" }) { userErrors { code } } }`,
    `{ ${canary}: media(id: "${canary}") { id } apiKeys(after: "${canary}") { totalCount } }`,
    `{ mediaItems(filter: { search: "${canary}" }) { nodes { ${canary}: id } } }`,
  ]
  for (const query of graphql) await gateway.send(query)
  await gateway.as(`Bearer mgw_root_${canary}`).send('{ viewer { account } }')
  await gateway.as(`Bearer ${canary}`).send('{ viewer { account } }')
  const paths = [
    `s/${canary}`,
    `media/${canary}/content?sig=${canary}&exp=1`,
    `uploads/tickets/${canary}`,
    `${canary}?${canary}`,
  ]
  for (const path of paths)
    for (const method of ['GET', 'PUT'])
      await fetch(`${gateway.url}/${path}`, { method, headers: { cookie: `session=${canary}` } })
  await gateway.app.audit.refusals.flush()
  const rows = await gateway.app.foundation.database.query<{ row: string }>(
    `SELECT e::text AS row FROM audit_event e`,
  )
  expect(rows.filter(({ row }) => row.includes(canary))).toEqual([])
  expect(rows.filter(({ row }) => row.includes('refused')).length).toBeGreaterThan(5)
  const log = gateway.log.slice(before)
  expect(log.length).toBeGreaterThanOrEqual(graphql.length + 2 + 2 * paths.length)
  expect(log.filter(line => JSON.stringify(line).includes(canary))).toEqual([])
})

test('the names of secrets are hidden in logs and in the audit log by one list', async () => {
  const canary = 'canaryByItsName'
  const { log, database } = gateway.app.foundation
  const named = Object.fromEntries(SECRET_FIELDS.map(name => [name, canary]))
  const before = gateway.log.length
  log.info({ ...named, nested: named, headers: named, request: { headers: named } }, 'named')
  await recordChange(database, { accountId: 'acme', action: 'named', subjectId: null, details: named })
  expect(JSON.stringify(gateway.log.slice(before))).not.toContain(canary)
  const [row] = await database.query<{ details: object }>(
    `SELECT details FROM audit_event WHERE action = 'named'`,
  )
  expect(row?.details).toEqual(Object.fromEntries(SECRET_FIELDS.map(name => [name, '(hidden)'])))
})

test('the search for secrets would find one that is there', async () => {
  const { database } = gateway.app.foundation
  await database.query(`INSERT INTO account (id, name) VALUES ('canary', 'canaryInTheClear')`)
  expect(await dump(database)).toContain('canaryInTheClear')
})
