import { isObjectType } from 'graphql'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { routesOf } from '../support/routes.ts'
import { credentials } from './credentials.ts'
import { ASKERS, type Asker, expected, type Outcome } from './outcome.ts'
import type { Row } from './row.ts'
import { ROWS } from './rows.ts'
import { Scene } from './scene.ts'

/**
 * Who may do what, written by hand and held against the running gateway: each operation of the schema and each route of the
 * server times each kind of asker.
 */
let gateway: TestApp
let headers: Record<Asker, string | null>
let legalHoldId: string

beforeAll(async () => {
  gateway = await startApp({ TRASH_DAYS: '0', IMPORT_FROM_URL: '127.0.0.0/8' })
  headers = await credentials(gateway)
  const { media } = await gateway.upload({ bytes: Buffer.from('evidence') })
  legalHoldId = await hold(media.id)
  scene = new Scene({ gateway, annas: headers.owner ?? '', legalHoldId })
}, 60_000)
afterAll(() => gateway.close())

const hold = async (mediaId: string): Promise<string> =>
  (
    await gateway.query(
      `mutation { applyLegalHold(input: { mediaId: "${mediaId}", reason: "x" }) { legalHold { id } } }`,
    )
  ).applyLegalHold.legalHold.id

/** A query, or a method that is safe (RFC 9110, 9.2.1), changes nothing. */
const isChange = (row: Row) => !/^(Query\.|Subscription\.|GET |HEAD |OPTIONS )/.test(row.name)

/**
 * What the cells find. Each part serves one after the other until it was in the hands of one that changed something. Who reads or is
 * refused must leave it as it is: otherwise those that come next find it changed, and come to something else than is written.
 */
let scene: Scene

async function cell(row: Row, asker: Asker): Promise<Outcome> {
  const authorization = headers[asker]
  const outcome = await row.act(await scene.stage(), authorization === null ? {} : { authorization })
  if (isChange(row) && outcome === '+') scene.renewUsed()
  return outcome
}

async function actual(row: Row): Promise<Record<Asker, Outcome>> {
  const outcomes: Partial<Record<Asker, Outcome>> = {}
  for (const asker of ASKERS) outcomes[asker] = await cell(row, asker)
  return outcomes as Record<Asker, Outcome>
}

test.each(ROWS.map(row => [row.name, row] as const))('%s', async (_, row) => {
  expect(await actual(row)).toEqual(expected(row.expect))
})

test('a held media outlives whatever an administrator and its owner may do', async () => {
  const held = new Scene({ gateway, annas: headers.owner ?? '', legalHoldId })
  await hold((await held.stage()).mediaId)
  for (const row of ROWS) {
    const stage = await held.stage()
    const { mediaId } = stage
    for (const asker of ['admin', 'owner'] as const)
      await row.act(stage, { authorization: headers[asker] ?? '' })
    await gateway.app.trash.empty()
    await gateway.app.reaper.run()
    const answer = await fetch(`${gateway.url}/media/${mediaId}/content?v=1`, {
      headers: { authorization: headers.admin ?? '' },
    })
    expect([row.name, answer.status, await answer.text()]).toEqual([row.name, 200, 'content'])
    if (isChange(row)) held.renewUsed('media')
  }
}, 600_000)

test('every operation of the schema and every route of the server has its row', async () => {
  const schema = buildGatewaySchema([])
  const operations = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
    type => (isObjectType(type) ? Object.keys(type.getFields()).map(field => `${type.name}.${field}`) : []),
  )
  const named = ROWS.map(({ name }) => name)
  expect(operations.filter(name => !named.includes(name))).toEqual([])
  expect((await routesOf(gateway.app)).filter(name => !named.includes(name))).toEqual([])
  process.stdout.write(
    `who may do what: ${ROWS.length} rows × ${ASKERS.length} askers = ${ROWS.length * ASKERS.length} cells\n`,
  )
})
