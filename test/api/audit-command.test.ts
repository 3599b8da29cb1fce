import { startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
  await gateway.upload({ bytes: Buffer.from('content') })
}, 60_000)
afterAll(() => gateway.close())

const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)

test('the command says what is wrong, by its exit code as well, and exports the log', async () => {
  const run = commandLine(gateway)
  await gateway.app.audit.seal()
  expect(await run('audit', 'verify')).toMatchObject({
    code: 0,
    output: expect.stringContaining('The log is whole.'),
  })
  expect((await run('audit', 'verify', '--json')).json()).toMatchObject({ isWhole: true })
  const exported = (await run('audit', 'export', '--account', 'acme')).output
    .split('\n')
    .map(line => JSON.parse(line))
  const [{ count }] = (await sql(
    `SELECT count(*)::int AS count FROM audit_event WHERE account_id = 'acme'`,
  )) as [{ count: number }]
  expect(exported).toHaveLength(count)
  expect(exported[0]).toMatchObject({ accountId: 'acme', outcome: 'done', action: 'key.ensured' })
  expect((await run('audit', 'export', '--account', 'acme', '--until', '2020-01-01T00:00:00Z')).output).toBe(
    '',
  )

  await gateway.app.foundation.database.transaction(async tx => {
    await tx.query('ALTER TABLE audit_event DISABLE TRIGGER USER')
    await tx.query(`UPDATE audit_event SET principal = 'key:x' WHERE account_id = 'acme' AND number = 2`)
    await tx.query('ALTER TABLE audit_event ENABLE TRIGGER USER')
  })
  const broken = await run('audit', 'verify', '--account', 'acme', '--json')
  expect(broken).toMatchObject({ code: 3 })
  expect(broken.json()).toMatchObject({
    isWhole: false,
    chains: [{ findings: [{ code: 'row-changed', number: 2, eventId: expect.stringMatching(/^aud_/) }] }],
  })
  expect(await run('audit', 'verify', '--account', 'other')).toMatchObject({ code: 0 })
  // Of an account that is gone there is a log to be proved; of one that never was there is none to be called whole.
  await sql(`INSERT INTO audit_event (id, account_id, occurred_at, principal, outcome, action)
    SELECT gen_random_uuid(), 'gone', occurred_at, principal, outcome, action FROM audit_event WHERE account_id = 'acme' LIMIT 1`)
  expect(await run('audit', 'verify', '--account', 'gone')).toMatchObject({ code: 0 })
  expect(await run('audit', 'verify', '--account', '')).toMatchObject({ code: 0 })
  for (const command of [
    ['audit', 'verify'],
    ['audit', 'export'],
    ['retention', 'preview'],
    ['reprocess', '--dry-run'],
  ])
    expect(await run(...command, '--account', 'acmee')).toMatchObject({
      code: 2,
      output: '',
      errors: expect.stringContaining('There is no account "acmee"'),
    })
  expect((await run('audit', 'verify')).output).toMatch(/BROKEN account acme: .*\n +row-changed row 2 aud_/)
}, 60_000)
