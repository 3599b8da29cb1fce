import { join } from 'node:path'
import { accessErrors } from '../../src/features/access/access.errors.ts'
import { Refusals } from '../../src/features/audit/refusals.ts'
import { recordChange } from '../../src/platform/audit/trail.ts'
import { GatewayProcess } from '../faults/gateway-process.ts'
import { at, chainTools, found } from '../support/audit-chain.ts'
import { countOf } from '../support/counts.ts'
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

const { record, verify } = chainTools(() => gateway)

test('a former pepper verifies what was sealed with it, and without it nothing is said of those rows', async () => {
  await record('pepper', 2)
  await gateway.app.audit.seal()
  const KEY_PEPPER = 'another pepper for tests'
  await using later = await installation.start(database, {
    KEY_PEPPER,
    AUDIT_FORMER_PEPPERS: 'pepper for tests only',
  })
  await record('pepper', 1)
  await later.app.audit.seal()
  expect(await verify('pepper', later)).toMatchObject({ verified: 3, findings: [] })
  await using unknowing = await installation.start(database, { KEY_PEPPER })
  const report = await verify('pepper', unknowing)
  expect(report.verified).toBe(1)
  expect(new Set(found(report).map(([code]) => code))).toEqual(new Set(['key-unknown', 'checkpoint-changed']))
}, 60_000)

describe('sealing', () => {
  test('a row that commits late is sealed late, and each one once', async () => {
    const { database: db } = gateway.app.foundation
    const change = (i: number) => ({ accountId: 'late', action: 'x', subjectId: null, details: { i } })
    const wrote = Promise.withResolvers<void>()
    const mayCommit = Promise.withResolvers<void>()
    const late = db.transaction(async tx => {
      await recordChange(tx, change(1))
      wrote.resolve()
      await mayCommit.promise
    })
    await wrote.promise
    await recordChange(db, change(2))
    await gateway.app.audit.seal()
    mayCommit.resolve()
    await late
    expect(await verify('late')).toMatchObject({ verified: 1, unsealed: 1, findings: [] })
    await gateway.app.audit.seal()
    expect(await verify('late')).toMatchObject({ verified: 2, unsealed: 0, findings: [] })
    expect(
      await gateway.sql(`SELECT details -> 'i' AS i FROM audit_event WHERE ${at('late')} ORDER BY number`),
    ).toEqual([{ i: 2 }, { i: 1 }])
  })

  test('two nodes beside writers seal every row once, in the order of each writer', async () => {
    await using other = await installation.start(database)
    const { database: db } = gateway.app.foundation
    const each = countOf({ daily: 25, thorough: 500 })
    let writing = true
    const write = async (writer: number) => {
      for (let i = 0; i < each; i++)
        await db.transaction(async tx => {
          await recordChange(tx, { accountId: 'busy', action: 'x', subjectId: null, details: { writer, i } })
          if (i % 5 === writer) await tx.query('SELECT pg_sleep(0.02)')
        })
    }
    const seal = async ({ app }: Running) => {
      while (writing) await app.audit.seal()
    }
    const sealers = [seal(gateway), seal(other), seal(gateway)]
    await Promise.all([0, 1, 2, 3].map(write))
    writing = false
    await Promise.all(sealers)
    await gateway.app.audit.seal()
    expect(await verify('busy')).toMatchObject({ verified: 4 * each, unsealed: 0, findings: [] })
    const rows = await gateway.sql<{ writer: number; i: number }>(
      `SELECT (details -> 'writer')::int AS writer, (details -> 'i')::int AS i FROM audit_event WHERE ${at('busy')} ORDER BY number`,
    )
    for (const writer of [0, 1, 2, 3])
      expect(rows.filter(row => row.writer === writer).map(({ i }) => i)).toEqual(
        Array.from({ length: each }, (_, i) => i),
      )
  }, 120_000)

  test('a sealer that is killed in the middle leaves nothing half done', async () => {
    const seal = async (point: string) => {
      await record('killed', 5)
      const environment = {
        ...installation.environmentOn(database),
        DATA_DIR: join(installation.folder, 'killed'),
      }
      const end = await new GatewayProcess(['audit', 'seal'], { ...environment, FAULT: `${point}:kill` })
        .ended
      expect([point, end]).toEqual([point, { code: null, signal: 'SIGKILL' }])
      return verify('killed')
    }
    expect(await seal('A1.sealed')).toMatchObject({ verified: 0, unsealed: 5, checkpoints: 0, findings: [] })
    // Here it has sealed, and the checkpoint is in the store alone.
    expect(await seal('A2.checkpoint')).toMatchObject({
      verified: 10,
      unsealed: 0,
      checkpoints: 1,
      findings: [],
    })
    await gateway.app.audit.seal()
    expect(await verify('killed')).toMatchObject({ verified: 10, checkpoints: 2, findings: [] })
  }, 120_000)
})

test('a refusal that the database cannot hold is lost alone, and counted', async () => {
  const outcomes: Record<string, number> = { recorded: 0, lost: 0 }
  const failures: string[] = []
  const refusals = new Refusals({
    database: gateway.app.foundation.database,
    onWritten: (outcome, count) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count
    },
    onFailure: (_, rows) => void failures.push(rows),
  })
  for (const name of ['key:a', 'application:a/\ud800', 'key:b', 'key:c', 'issuer:a/\0', 'key:d']) {
    const actor = { accountId: 'refusals', name, rule: null, requestId: null }
    refusals.note({ actor, action: 'x', subjectId: null, error: accessErrors.FORBIDDEN('') })
  }
  await refusals.close()
  const rows = await gateway.sql<{ principal: string }>(
    `SELECT principal FROM audit_event WHERE ${at('refusals')} ORDER BY principal`,
  )
  expect(rows.map(({ principal }) => principal)).toEqual(['key:a', 'key:b', 'key:c', 'key:d'])
  expect([outcomes, failures]).toEqual([{ recorded: 4, lost: 2 }, ['lost', 'lost']])
})
