import { isObjectType } from 'graphql'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { ecPair } from '../support/jwt.ts'
import { routesOf } from '../support/routes.ts'
import { credentials } from './credentials.ts'
import { ASKERS, type Asker, expected, type Outcome } from './outcome.ts'
import type { Row, Stage } from './row.ts'
import { ROWS } from './rows.ts'

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
}, 60_000)
afterAll(() => gateway.close())

const hold = async (mediaId: string): Promise<string> =>
  (
    await gateway.query(
      `mutation { applyLegalHold(input: { mediaId: "${mediaId}", reason: "x" }) { legalHold { id } } }`,
    )
  ).applyLegalHold.legalHold.id

let staged = 0
async function stage(): Promise<Stage> {
  const mediaName = `media ${staged++}`
  const anna = gateway.as(headers.owner)
  const { media } = await anna.upload({ bytes: Buffer.from('content') }, { name: mediaName })
  const [{ number: mediaNumber, hash: mediaHash }] = (await gateway.app.foundation.database.query(
    'SELECT number, hash FROM media WHERE id = $1',
    [media.id],
  )) as [{ number: number; hash: string }]
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  const { media: picture } = await anna.upload({ bytes: svg })
  const { media: deleted } = await anna.upload({ bytes: Buffer.from('deleted') })
  await anna.query(`mutation { deleteMedia(input: { id: "${deleted.id}" }) { deletedMediaId } }`)
  const { media: purged } = await anna.upload({ bytes: Buffer.from('purged') })
  await anna.query(`mutation { deleteMedia(input: { id: "${purged.id}", permanent: true }) { purgedAt } }`)
  const { createShareLink } = await anna.query(
    `mutation S($id: ID!) { createShareLink(input: { mediaId: $id, expiresIn: 600 }) { shareLink { id } url } }`,
    { id: media.id },
  )
  const { createCollection } = await anna.query(
    `mutation { createCollection(input: { name: "C" }) { collection { id } } }`,
  )
  const { key } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['admin'] })
  const application = await gateway.app.applications.create({
    accountId: 'acme',
    publicKey: ecPair().pem,
    scopes: ['media:read'],
  })
  await gateway.app.foundation.database.query('DELETE FROM webhook')
  const { createWebhook } = await gateway.query(
    `mutation { createWebhook(input: { url: "https://hooks.example.com/" }) { webhook { id } } }`,
  )
  return {
    url: gateway.url,
    annas: headers.owner ?? '',
    mediaId: media.id,
    mediaName,
    mediaNumber,
    mediaHash,
    pictureId: picture.id,
    deletedId: deleted.id,
    purgedId: purged.id,
    shareLinkId: createShareLink.shareLink.id,
    shareToken: createShareLink.url.split('/s/')[1],
    collectionId: createCollection.collection.id,
    keyId: `key_${key.id}`,
    applicationId: application.id,
    legalHoldId,
    webhookId: createWebhook.webhook.id,
  }
}

/** A query, or a method that is safe (RFC 9110, 9.2.1), changes nothing. */
const isChange = (row: Row) => !/^(Query\.|Subscription\.|GET |HEAD |OPTIONS )/.test(row.name)

/**
 * What the cells find. It serves one after the other until one has changed it. Who reads or is refused must leave it as it
 * is: otherwise those that come next find it changed, and come to something else than is written.
 */
let standing: Stage | null = null

async function cell(row: Row, asker: Asker): Promise<Outcome> {
  const authorization = headers[asker]
  standing ??= await stage()
  const outcome = await row.act(standing, authorization === null ? {} : { authorization })
  if (isChange(row) && outcome === '+') standing = null
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
  let held: Stage | null = null
  for (const row of ROWS) {
    if (held === null || isChange(row)) {
      held = await stage()
      await hold(held.mediaId)
    }
    const { mediaId }: Stage = held
    for (const asker of ['admin', 'owner'] as const)
      await row.act(held, { authorization: headers[asker] ?? '' })
    await gateway.app.trash.empty()
    await gateway.app.reaper.run()
    const answer = await fetch(`${gateway.url}/media/${mediaId}/content?v=1`, {
      headers: { authorization: headers.admin ?? '' },
    })
    expect([row.name, answer.status, await answer.text()]).toEqual([row.name, 200, 'content'])
  }
  // Each row that changes something has files of its own.
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
