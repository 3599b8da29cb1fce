import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'

const REPROCESS = `mutation R($input: ReprocessMediaInput!) { reprocessMedia(input: $input) {
  count clientMutationId results { mediaId media { id status processing { name state } } userErrors { __typename code field } }
  userErrors { code field } } }`

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const uploaded = async (name: string) => {
  const { path: _, ...file } = fixture(name)
  const { media } = await gateway.upload({ bytes: file.bytes(), fileName: name })
  return media.id as string
}
const reprocess = async (input: Record<string, unknown>, client = gateway.as(ADMIN)) =>
  (await client.query(REPROCESS, { input })).reprocessMedia
const complete = (ids: readonly string[]) =>
  gateway.app.foundation.database.query(
    `WITH done AS (UPDATE processing_step SET state = 'DONE' WHERE media_id = ANY ($1::uuid[]))
     UPDATE media SET status = 'COMPLETED' WHERE id = ANY ($1::uuid[])`,
    [ids],
  )

test('media are looked at again by their ids, each with its own result', async () => {
  const [image, text] = [
    await uploaded('photo.png'),
    (await gateway.upload({ bytes: Buffer.from('text') })).media.id,
  ]
  await complete([image, text])
  const unknown = '01890000-0000-7000-8000-000000000000'
  const answer = await reprocess({ ids: [image, unknown, text, 'x'], clientMutationId: 'c' })
  expect(answer).toMatchObject({ count: 2, clientMutationId: 'c', userErrors: [] })
  expect(answer.results).toMatchObject([
    { mediaId: image, media: { status: 'PROCESSING' }, userErrors: [] },
    { mediaId: unknown, media: null, userErrors: [{ __typename: 'NotFoundError' }] },
    { mediaId: text, media: { status: 'COMPLETED', processing: [] } },
    { mediaId: 'x', media: null, userErrors: [{ code: 'NOT_FOUND' }] },
  ])
  for (const { state } of answer.results[0].media.processing) expect(state).toBe('WAITING')
})

test('all that match a filter are, and a dry run only says which', async () => {
  const id = await uploaded('photo.webp')
  await complete([id])
  await gateway.app.foundation.database.query(`UPDATE media SET status = 'FAILED' WHERE id = $1`, [id])
  const filter = { status: 'FAILED', kind: 'IMAGE' }
  expect(await reprocess({ filter, dryRun: true })).toMatchObject({
    count: 1,
    results: [{ mediaId: id, media: { status: 'FAILED' } }],
  })
  expect(await reprocess({ filter })).toMatchObject({
    count: 1,
    results: [{ mediaId: id, media: { status: 'PROCESSING' } }],
  })
  expect(await reprocess({ filter })).toMatchObject({ count: 0, results: [] })
})

test('another account finds nothing, and who may not update is refused', async () => {
  const id = await uploaded('photo.png')
  const foreign = await reprocess({ ids: [id] }, gateway.as(FOREIGN))
  expect(foreign.results).toEqual([
    {
      mediaId: id,
      media: null,
      userErrors: [{ __typename: 'NotFoundError', code: 'NOT_FOUND', field: ['input', 'ids', '0'] }],
    },
  ])
  await gateway.app.keys.ensure({ accountId: 'acme', keyId: 'reader', secret: 'secretsecretsecret' })
  await gateway.app.foundation.database.query(
    `UPDATE api_key SET scopes = '{media:read}' WHERE id = 'reader'`,
  )
  const { errors } = await gateway
    .as('Bearer mgw_reader_secretsecretsecret')
    .send(REPROCESS, { input: { ids: [id] } })
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
})

test('neither ids nor a filter, both, the same twice, or too many are refused as a whole', async () => {
  const id = await uploaded('photo.png')
  for (const input of [{}, { ids: [id], filter: { kind: 'IMAGE' } }, { ids: [id, id] }, { filter: {} }])
    expect((await reprocess(input)).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
  const ids = Array.from({ length: 101 }, (_, n) => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`)
  expect((await reprocess({ ids })).userErrors).toMatchObject([{ code: 'BATCH_TOO_LARGE' }])
})
