import { readFile, rm, writeFile } from 'node:fs/promises'
import { AuditRetention } from '../../src/features/audit/audit-retention.ts'
import { Seals } from '../../src/features/audit/seals.ts'
import type { FindingCode } from '../../src/features/audit/verify/findings.ts'
import { checkpointsOf as checkpointsOfAccount } from '../../src/platform/audit/checkpoint-key.ts'
import { recordChanges } from '../../src/platform/audit/trail.ts'
import { at, chainTools, found } from '../support/audit-chain.ts'
import type { TestDatabase } from '../support/database.ts'
import { Installation, type Running } from '../support/installation.ts'

let installation: Installation
let database: TestDatabase
let gateway: Running
beforeAll(async () => {
  installation = await Installation.create()
  database = await installation.database()
  gateway = await installation.start(database)
}, 60_000)
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const { record, tamper, verify, checkpointsOf } = chainTools(() => gateway)

/** Ten rows, seven of which a checkpoint has seen before all ten were sealed. */
const ROWS = 10

const SWAPPED = (account: string) => [
  `UPDATE audit_event SET number = -4 WHERE ${at(account)} AND number = 4`,
  `UPDATE audit_event SET number = 4 WHERE ${at(account)} AND number = 6`,
  `UPDATE audit_event SET number = 6 WHERE ${at(account)} AND number = -4`,
]
const COPY = `id, account_id, principal, action, outcome, number, key_id, seal`
const insertAt = (account: string, number: number) =>
  `INSERT INTO audit_event (${COPY}) SELECT gen_random_uuid(), account_id, 'key:innocent', action, outcome, ${number}, key_id, seal
   FROM audit_event WHERE ${at(account)} AND number = 1`

const TAMPERINGS: Readonly<
  Record<string, readonly [(account: string) => string[], readonly [FindingCode, number | null]]>
> = {
  'a changed principal': [
    a => [`UPDATE audit_event SET principal = 'key:x' WHERE ${at(a)} AND number = 4`],
    ['row-changed', 4],
  ],
  'a changed detail': [
    a => [`UPDATE audit_event SET details = details || '{"i": 99}' WHERE ${at(a)} AND number = 4`],
    ['row-changed', 4],
  ],
  'a changed time': [
    a => [`UPDATE audit_event SET occurred_at = occurred_at - interval '1 ms' WHERE ${at(a)} AND number = 1`],
    ['row-changed', 1],
  ],
  'a changed last row': [
    a => [`UPDATE audit_event SET count = 2 WHERE ${at(a)} AND number = 10`],
    ['row-changed', 10],
  ],
  'a removed row': [a => [`DELETE FROM audit_event WHERE ${at(a)} AND number = 4`], ['row-removed', 4]],
  'a removed first row': [a => [`DELETE FROM audit_event WHERE ${at(a)} AND number = 1`], ['row-removed', 1]],
  'a removed row, and the later ones renumbered': [
    a => [
      `DELETE FROM audit_event WHERE ${at(a)} AND number = 4`,
      `UPDATE audit_event SET number = number + 99 WHERE ${at(a)} AND number > 4`,
      `UPDATE audit_event SET number = number - 100 WHERE ${at(a)} AND number > 99`,
    ],
    ['row-changed', 4],
  ],
  'an inserted row': [
    a => [
      `UPDATE audit_event SET number = number + 101 WHERE ${at(a)} AND number >= 4`,
      `UPDATE audit_event SET number = number - 100 WHERE ${at(a)} AND number > 99`,
      insertAt(a, 4),
    ],
    ['row-inserted', 4],
  ],
  'a row behind the end': [a => [insertAt(a, 11)], ['row-inserted', 11]],
  'a row ahead of the beginning': [a => [insertAt(a, 0)], ['row-inserted', 0]],
  'swapped rows': [SWAPPED, ['row-changed', 4]],
  'a row that was taken out of the chain': [
    a => [`UPDATE audit_event SET number = NULL, seal = NULL, key_id = NULL WHERE ${at(a)} AND number = 4`],
    ['row-removed', 4],
  ],
  'a cut tail': [a => [`DELETE FROM audit_event WHERE ${at(a)} AND number > 8`], ['tail-cut', 9]],
  'a cut tail that the database knows nothing of': [
    a => [
      `DELETE FROM audit_event WHERE ${at(a)} AND number > 5`,
      `DELETE FROM audit_checkpoint WHERE ${at(a)}`,
      `UPDATE audit_chain SET number = 5, checkpoint_number = 5,
         seal = (SELECT seal FROM audit_event WHERE ${at(a)} AND number = 5) WHERE ${at(a)}`,
    ],
    ['tail-cut', 6],
  ],
  'a whole log that is gone': [
    a => [
      `DELETE FROM audit_event WHERE ${at(a)}`,
      `DELETE FROM audit_chain WHERE ${at(a)}`,
      `DELETE FROM audit_checkpoint WHERE ${at(a)}`,
    ],
    ['tail-cut', 1],
  ],
  'a beginning that was removed as if by its age': [
    a => [
      `UPDATE audit_chain SET base_number = 4, base_mac = 'x', base_key_id = 'x',
         base_seal = (SELECT seal FROM audit_event WHERE ${at(a)} AND number = 4) WHERE ${at(a)}`,
      `DELETE FROM audit_event WHERE ${at(a)} AND number <= 4`,
    ],
    ['base-changed', 4],
  ],
  'another end of the chain': [
    a => [`UPDATE audit_chain SET seal = 'x' WHERE ${at(a)}`],
    ['head-changed', 10],
  ],
}

describe('the log is held against its seals, and the first finding is', () => {
  const accountOf = (name: string) => `t-${Object.keys(TAMPERINGS).indexOf(name)}`
  beforeAll(async () => {
    for (const name of Object.keys(TAMPERINGS)) await record(accountOf(name), 7)
    await gateway.app.audit.seal()
    for (const name of Object.keys(TAMPERINGS)) await record(accountOf(name), ROWS - 7)
    await gateway.app.audit.seal()
  }, 60_000)

  test('nothing, before anything was done to it', async () => {
    const reports = await Array.fromAsync(gateway.app.audit.verifier.run())
    expect(reports.filter(({ findings }) => findings.length > 0)).toEqual([])
    const verified = reports.filter(report => report.verified === ROWS && report.checkpoints === 2)
    expect(verified).toHaveLength(Object.keys(TAMPERINGS).length)
  })

  test.each(Object.entries(TAMPERINGS))('%s', async (name, [statements, expected]) => {
    const account = accountOf(name)
    await tamper(...statements(account))
    expect(found(await verify(account))[0]).toEqual(expected)
  })

  test('the same for an operator who asks of all accounts', async () => {
    const reports = await Array.fromAsync(gateway.app.audit.verifier.run())
    for (const [name, [, expected]] of Object.entries(TAMPERINGS)) {
      const report = reports.find(({ accountId }) => accountId === accountOf(name))
      expect([name, report && found(report)[0]]).toEqual([name, expected])
    }
  })
})

describe('checkpoints', () => {
  const whole = async (account: string) => {
    await record(account, 3)
    await gateway.app.audit.seal()
    expect(found(await verify(account))).toEqual([])
    const [newest] = await checkpointsOf(account)
    return { key: newest?.key ?? '', path: installation.pathOf(newest?.key ?? '') }
  }

  test('one that is gone from the store is missed', async () => {
    const { path } = await whole('c-gone')
    await rm(path)
    expect(found(await verify('c-gone'))).toEqual([['checkpoint-removed', null]])
    await tamper(`DELETE FROM audit_checkpoint WHERE ${at('c-gone')}`)
    expect(found(await verify('c-gone'))).toEqual([['checkpoint-removed', 3]])
  })

  test('one that was changed, or stands in the place of another, proves nothing', async () => {
    const { path } = await whole('c-changed')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"number":3', '"number":2'))
    expect(found(await verify('c-changed'))).toEqual([['checkpoint-changed', null]])
    await record('c-changed', 2)
    await gateway.app.audit.seal()
    const [newest] = await checkpointsOf('c-changed')
    await writeFile(installation.pathOf(newest?.key ?? ''), text)
    expect(found(await verify('c-changed'))).toContainEqual(['checkpoint-changed', null])
    await writeFile(path, 'x'.repeat(10_000))
    expect(found(await verify('c-changed'))).toHaveLength(2)
  })

  test('a restored backup is behind them', async () => {
    await whole('c-backup')
    await gateway[Symbol.asyncDispose]()
    const backup = await installation.database(database)
    gateway = await installation.start(database)
    await record('c-backup', 2)
    await gateway.app.audit.seal()
    await using restored = await installation.start(backup)
    expect(found(await verify('c-backup', restored))).toEqual([['tail-cut', 4]])
    expect(found(await verify('c-backup'))).toEqual([])
    // What goes on there is another log.
    await restored.app.foundation.database.transaction(tx =>
      recordChanges(tx, Array(2).fill({ accountId: 'c-backup', action: 'x', subjectId: null })),
    )
    await restored.app.audit.seal()
    expect(found(await verify('c-backup', restored))[0]).toEqual(['checkpoint-differs', 5])
  })

  describe('that a restored database contradicts', () => {
    const account = 'c-restored'
    let restored: Running
    const { record, tamper, verify } = chainTools(() => restored)
    const cut = (after: number, seal = 'seal') => [
      `DELETE FROM audit_checkpoint WHERE ${at(account)} AND number > ${after}`,
      `UPDATE audit_chain SET number = ${after}, checkpoint_number = least(checkpoint_number, ${after}),
         seal = (SELECT ${seal} FROM audit_event WHERE ${at(account)} AND number = ${after}) WHERE ${at(account)}`,
      `DELETE FROM audit_event WHERE ${at(account)} AND number > ${after}`,
    ]
    const forged = `INSERT INTO audit_event (id, account_id, principal, action, outcome, details)
      SELECT gen_random_uuid(), account_id, principal, action, outcome, details`

    beforeAll(async () => {
      await whole(account)
      await gateway[Symbol.asyncDispose]()
      const backup = await installation.database(database)
      gateway = await installation.start(database)
      // Rows 4 to 15; the checkpoint that the backup knows goes meanwhile, as it is none of the newest.
      for (let i = 1; i <= 4; i++) await whole(account)
      restored = await installation.start(backup)
      await record(account, 2)
      await restored.app.audit.seal()
    }, 60_000)
    afterAll(() => restored[Symbol.asyncDispose]())

    test('are given up by a row of the log, and told apart from findings', async () => {
      const before = found(await verify(account))
      expect(before).toContainEqual(['tail-cut', 6])
      expect(before).toContainEqual(['checkpoint-removed', null])
      expect(await restored.app.audit.adopt(account)).toEqual([
        { accountId: account, checkpoints: [9, 12, 15], missing: [expect.stringMatching(/^audit\//)] },
      ])
      const givenUp = [{ number: 6, principal: 'gateway', checkpoints: [9, 12, 15] }]
      expect(await verify(account)).toMatchObject({ findings: [], givenUp, sealedThrough: 6 })
      await record(account, 12)
      await restored.app.audit.seal()
      expect(await verify(account)).toMatchObject({ findings: [], givenUp, sealedThrough: 18 })
      expect(await restored.app.audit.adopt(account)).toEqual([])
    })

    test('hide no cut tail, and nobody gives up more without the pepper', async () => {
      const [genuine] = await restored.sql<{ details: { checkpoints: string[] } }>(
        `SELECT details FROM audit_event WHERE ${at(account)} AND action = 'audit.adopted'`,
      )
      const [{ key } = { key: '' }] = await restored.sql<{ key: string }>(
        `SELECT key FROM audit_checkpoint WHERE ${at(account)} AND number = 18`,
      )
      const { seal } = JSON.parse(await readFile(installation.pathOf(key), 'utf8'))
      const more = JSON.stringify([...(genuine?.details.checkpoints ?? []), `18 ${key.slice(-36)} ${seal}`])
      await tamper(
        `${forged.replace(/details$/, `details || '{"checkpoints": ${more}}'`)} FROM audit_event WHERE ${at(account)} AND number = 6`,
        ...cut(10),
      )
      expect(found(await verify(account))).toEqual([['tail-cut', 11]])
      // The gateway seals whatever row it finds, this one too; but it proves nothing.
      await record(account, 10)
      await restored.app.audit.seal()
      expect(found(await verify(account))).toContainEqual(['checkpoint-differs', 18])
      await restored.app.audit.adopt(account)
      expect(await verify(account)).toMatchObject({ findings: [], givenUp: [{ number: 6 }, { number: 22 }] })
    })

    test('go from the store with the row that gives them up', async () => {
      const { foundation } = restored.app
      const { storage } = foundation
      const stored = () => Array.fromAsync(storage.list(storage.defaultStore, checkpointsOfAccount(account)))
      const before = await stored()
      const retention = new AuditRetention({
        ...foundation,
        seals: new Seals({ pepper: foundation.pepper, formerPeppers: [] }),
        onBroken: () => undefined,
        days: -1,
      })
      expect(await retention.prune()).toBeGreaterThan(20)
      expect((await stored()).length).toBeLessThan(before.length - 3)
      expect(await verify(account)).toMatchObject({ findings: [], givenUp: [], removedThrough: 22 })
    })
  })

  test('the newest three stay, and the last of each day', async () => {
    for (let i = 1; i <= 5; i++) await whole('c-many')
    expect(await checkpointsOf('c-many')).toHaveLength(3)
    await tamper(
      `UPDATE audit_checkpoint SET written_at = written_at - interval '2 days' WHERE ${at('c-many')} AND number < 15`,
    )
    for (let i = 1; i <= 3; i++) await whole('c-many')
    expect(await checkpointsOf('c-many')).toHaveLength(4)
    expect(await verify('c-many')).toMatchObject({ findings: [], checkpoints: 4 })
  })

  test('are neither garbage nor blobs to the doctor', async () => {
    await whole('c-doctor')
    const { findings } = await gateway.app.doctor.examine()
    expect(findings).toEqual([])
    expect(await gateway.app.epochs.begin('default')).toEqual({ state: 'ours' })
  })
})

describe('the database itself', () => {
  test.each([
    [`UPDATE audit_event SET principal = 'x' WHERE ${at('kept')}`],
    [`UPDATE audit_event SET count = 1 WHERE ${at('kept')} AND number = 1`],
    [`UPDATE audit_event SET number = 9 WHERE ${at('kept')} AND number = 1`],
    [`DELETE FROM audit_event WHERE ${at('kept')}`],
    [`TRUNCATE audit_event`],
  ])('refuses %s', async statement => {
    await record('kept', 1)
    await gateway.app.audit.seal()
    await expect(gateway.sql(statement)).rejects.toThrow('the audit log is append-only')
  })
})

describe('rows that are old enough', () => {
  const age = (account: string, days: number, count: number) =>
    gateway.sql(
      `INSERT INTO audit_event (id, account_id, principal, action, outcome, occurred_at)
       SELECT gen_random_uuid(), $1, 'key:k', 'x', 'done', clock_timestamp() - $2 * interval '1 day' FROM generate_series(1, $3::int)`,
      [account, days, count],
    )

  test('go from the beginning of the chain, and the rest is verified', async () => {
    await age('old', 400, 4)
    await age('old', 10, 1)
    await age('old', 400, 2)
    await gateway.app.audit.retention.prune()
    expect(await verify('old')).toMatchObject({ unsealed: 7 })
    await gateway.app.audit.seal()
    expect(await gateway.app.audit.retention.prune()).toBe(4)
    // The last two are old, too, but stand behind one that is not.
    expect(await verify('old')).toMatchObject({
      removedThrough: 4,
      sealedThrough: 7,
      verified: 3,
      findings: [],
    })
    await age('old', 1, 1)
    await gateway.app.audit.seal()
    expect(await gateway.app.audit.retention.prune()).toBe(0)
    expect(await verify('old')).toMatchObject({ verified: 4, findings: [] })
    await tamper(`DELETE FROM audit_event WHERE ${at('old')} AND number = 5`)
    expect(found(await verify('old'))[0]).toEqual(['row-removed', 5])
    // Nor does it go with its age: what proves the removal would go as well.
    expect(await gateway.app.audit.retention.prune()).toBe(0)
    expect(found(await verify('old'))[0]).toEqual(['row-removed', 5])
  })

  test('all of them may go', async () => {
    await age('gone', 400, 3)
    await gateway.app.audit.seal()
    expect(await gateway.app.audit.retention.prune()).toBe(3)
    expect(await verify('gone')).toMatchObject({ removedThrough: 3, sealedThrough: 3, findings: [] })
    await record('gone', 1)
    await gateway.app.audit.seal()
    expect(await verify('gone')).toMatchObject({ verified: 1, findings: [] })
  })

  test('stay for ever where AUDIT_DAYS is 0', async () => {
    await age('ever', 4_000, 1)
    await using keeping = await installation.start(database, { AUDIT_DAYS: '0' })
    await keeping.app.audit.seal()
    expect(await keeping.app.audit.retention.prune()).toBe(0)
  })
})
