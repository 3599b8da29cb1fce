import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Report } from '../src/features/blobs/doctor/doctor.ts'
import { uuid7Maker } from '../src/platform/lib/uuid7.ts'
import { blobKey } from '../src/platform/storage/key.ts'
import { GatewayProcess } from './faults/gateway-process.ts'
import type { TestDatabase } from './support/database.ts'
import { Installation, type Kept } from './support/installation.ts'

/** The command itself, as an operator runs it, killed at each of its steps. */
let installation: Installation
let database: TestDatabase
beforeEach(async () => {
  installation = await Installation.create()
  database = await installation.database()
})
afterEach(() => installation[Symbol.asyncDispose]())

async function doctor(args: readonly string[], environment: Record<string, string> = {}) {
  const command = new GatewayProcess(['doctor', '--json', ...args], {
    ...installation.environmentOn(database),
    ...environment,
  })
  const end = await command.ended
  return {
    ...end,
    said: command.said(),
    report: (end.code === 0 || end.code === 3 ? JSON.parse(command.output) : null) as Report,
  }
}

const longAgo = uuid7Maker(() => Date.now() - 30 * 86_400_000)

test('a repair that is killed at any step, again and again, is ended by the next one', async () => {
  const kept: Kept[] = []
  {
    await using gateway = await installation.start(database)
    for (let i = 0; i < 4; i++) kept.push(await gateway.keep(randomBytes(100)))
    await gateway.sql(`UPDATE account SET used_bytes = 5`)
  }
  const [gone, also, ...whole] = kept as [Kept, Kept, ...Kept[]]
  for (const { key } of [gone, also]) await rm(installation.pathOf(key))
  const garbage = blobKey(longAgo())
  await mkdir(dirname(installation.pathOf(garbage)), { recursive: true })
  // Nobody's, and so the store has to be adopted, which is killed as well.
  await writeFile(installation.pathOf(garbage), 'garbage')
  await installation.makeOld(garbage)

  const kill = async (point: string, ...args: string[]) =>
    expect([point, await doctor(args, { FAULT: `${point}:kill` })]).toEqual([
      point,
      expect.objectContaining({ signal: 'SIGKILL' }),
    ])
  await kill('E1.afterRow', '--adopt', 'default')
  await kill('E2.afterObject', '--adopt', 'default')
  // Four repairs are to be made: each kill finds those that are left.
  await kill('D1.beforeRepair', '--repair')
  await kill('D2.afterRepair', '--repair')
  await kill('D1.beforeRepair@2', '--repair')
  await kill('D2.afterRepair', '--repair')
  const last = await doctor(['--repair'])
  expect([last.code, last.report.repaired, last.report.lost]).toEqual([0, [expect.anything()], 2])
  expect(await doctor([])).toMatchObject({
    code: 0,
    report: { findings: [], lost: 2, stores: { default: 'ours' } },
  })

  await using gateway = await installation.start(database)
  for (const { mediaId, bytes } of whole)
    expect(await gateway.download(mediaId)).toEqual({ status: 200, bytes })
  for (const { mediaId } of [gone, also]) expect((await gateway.download(mediaId)).status).toBe(502)
  expect(Object.keys(await installation.tree()).filter(path => !path.startsWith('epoch/'))).toHaveLength(2)
}, 300_000)

test('the command tells what it would do, by its exit code as well, and keeps progress apart from its answer', async () => {
  {
    await using gateway = await installation.start(database)
    const { key } = await gateway.keep(randomBytes(100))
    await rm(installation.pathOf(key))
    await gateway.keep(randomBytes(100))
  }
  const dry = await doctor([])
  expect([dry.code, dry.report.findings[0]?.code, dry.said]).toEqual([
    3,
    'object-missing',
    expect.stringContaining('2 blobs compared with the store'),
  ])
  expect((await doctor(['--store', 'nowhere'])).code).toBe(2)
  expect((await doctor(['--quick', '--sample', '5'])).code).toBe(2)
  expect((await doctor(['--sample', '101%'])).code).toBe(2)
  const recorded = await doctor(['--record', '--store', 'default', '--sample', '50%'])
  expect(recorded.code).toBe(3)
  expect(await doctor(['--repair'])).toMatchObject({
    code: 0,
    report: { repaired: [{ code: 'object-missing' }] },
  })
  await using gateway = await installation.start(database)
  expect(await gateway.app.inspections.last()).toMatchObject([{ source: 'doctor', findings: [] }])
}, 300_000)
