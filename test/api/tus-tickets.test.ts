import { createHash } from 'node:crypto'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { metadata, TusByHand } from '../support/tus.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ MAX_UPLOAD_BYTES: '1000' })
})
afterAll(() => gateway.close())

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A ticket, and a client that has nothing but its URL. */
async function ticketFor(input: object): Promise<{ id: string; tus: TusByHand }> {
  const { createUpload } = await gateway.query(
    `mutation($input: CreateUploadInput!) { createUpload(input: $input) { ticket { id tusEndpoint } userErrors { code } } }`,
    { input },
  )
  return { id: createUpload.ticket.id, tus: new TusByHand(createUpload.ticket.tusEndpoint, null) }
}

async function complete(id: string) {
  const { completeUpload } = await gateway.query(
    `mutation($id: ID!) { completeUpload(input: { id: $id }) {
       media { id size sha256 title originalFileName mimeType } userErrors { code } } }`,
    { id },
  )
  return completeUpload
}

async function upload(tus: TusByHand, body: string, pairs: Record<string, string> = {}) {
  const url = await tus.create(Buffer.byteLength(body), { 'upload-metadata': metadata(pairs) })
  return { url, answer: await tus.patch(url, 0, { body }) }
}

test('whoever has the URL of a ticket uploads without a credential, and nothing is a media until it is completed', async () => {
  const { id, tus } = await ticketFor({ title: 'decided before' })
  const { url, answer } = await upload(tus, 'hello', { filename: 'a.txt', title: 'said later' })
  expect(answer).toMatchObject({ status: 204, headers: { 'upload-offset': '5' } })
  expect(answer.headers['media-id']).toBeUndefined()
  expect((await gateway.query('{ mediaItems { totalCount } }')).mediaItems.totalCount).toBe(0)
  const { media } = await complete(id)
  expect(media).toMatchObject({
    size: 5,
    sha256: sha256('hello'),
    title: 'decided before',
    originalFileName: 'a.txt',
  })
  expect((await complete(id)).media.id).toBe(media.id)
  expect((await tus.head(url)).headers['upload-offset']).toBe('5')
})

test('the URL of a ticket is of no use with another signature', async () => {
  const { tus } = await ticketFor({})
  const changed = new TusByHand(
    tus.endpoint.replace(/.$/, last => (last === 'A' ? 'B' : 'A')),
    null,
  )
  const answer = await changed.send('POST', changed.endpoint, { headers: { 'upload-length': '1' } })
  expect(answer).toMatchObject({ status: 404, headers: { 'tus-resumable': '1.0.0' } })
})

test('an upload of a ticket is not found by its credential, nor by another ticket, nor the other way about', async () => {
  const [{ tus: one }, { tus: two }] = [await ticketFor({}), await ticketFor({})]
  const url = await one.create(5)
  const id = url.split('/').at(-1)
  const ours = new TusByHand(`${gateway.url}/uploads`, ADMIN)
  expect((await two.head(`${two.endpoint}/${id}`)).status).toBe(404)
  expect((await ours.head(`${ours.endpoint}/${id}`)).status).toBe(404)
  const own = (await ours.create(5)).split('/').at(-1)
  expect((await one.head(`${one.endpoint}/${own}`)).status).toBe(404)
  expect((await one.head(url)).status).toBe(200)
})

describe('what was announced', () => {
  test('binds the size, from the first request on', async () => {
    const { tus } = await ticketFor({ size: 5 })
    const create = (length: string) =>
      tus.send('POST', tus.endpoint, { headers: { 'upload-length': length } })
    expect(await create('6')).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' })
    expect(await create('4')).toMatchObject({ status: 422, code: 'CONTENT_MISMATCH' })
    const deferred = await tus.create(null)
    expect(await tus.patch(deferred, 0, { body: 'hello!' })).toMatchObject({ status: 413 })
    expect(await tus.patch(deferred, 0, { body: 'hell', headers: { 'upload-length': '4' } })).toMatchObject({
      status: 422,
      code: 'CONTENT_MISMATCH',
    })
    expect((await upload(tus, 'hello')).answer.status).toBe(204)
  })

  test('binds the most that may come', async () => {
    const { tus } = await ticketFor({ maxSize: 5 })
    expect(await tus.send('POST', tus.endpoint, { headers: { 'upload-length': '6' } })).toMatchObject({
      status: 413,
    })
    expect((await upload(tus, 'hell')).answer.status).toBe(204)
  })

  test.each([
    ['the SHA-256', { sha256: sha256('hello') }, 422, 'CONTENT_MISMATCH'],
    ['the types', { accept: ['image/*', 'text/plain'] }, 415, 'TYPE_NOT_ACCEPTED'],
  ])('binds %s: other bytes are gone, and the right ones may still come', async (_, input, status, code) => {
    const { id, tus } = await ticketFor(input)
    const wrong = await upload(tus, '%PDF-1.7\n%%EOF\n')
    expect(wrong.answer).toMatchObject({ status, code })
    expect((await tus.head(wrong.url)).status).toBe(410)
    expect((await upload(tus, 'hello')).answer.status).toBe(204)
    expect((await complete(id)).media.sha256).toBe(sha256('hello'))
  })
})

test('a ticket that has its bytes takes no others, and the same ones once more', async () => {
  const { id, tus } = await ticketFor({})
  const [late, same] = [await tus.create(5), await tus.create(5)]
  await upload(tus, 'hello')
  expect(await tus.send('POST', tus.endpoint, { headers: { 'upload-length': '5' } })).toMatchObject({
    status: 422,
    code: 'TICKET_USED',
  })
  expect(await tus.patch(late, 0, { body: 'other' })).toMatchObject({ status: 422, code: 'TICKET_USED' })
  expect(await tus.patch(same, 0, { body: 'hello' })).toMatchObject({ status: 204 })
  expect((await complete(id)).media.sha256).toBe(sha256('hello'))
})

test('the bytes of a ticket stay when the gateway fails at the moment at which it gets them, and HEAD asks', async () => {
  const { id, tus } = await ticketFor({})
  const url = await tus.create(5)
  const { database } = gateway.app.foundation
  await database.query(
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'planned'; END $$`,
  )
  await database.query(
    `CREATE TRIGGER fail BEFORE UPDATE ON tus_upload FOR EACH ROW WHEN (NEW.state = 'finished') EXECUTE FUNCTION fail()`,
  )
  expect((await tus.patch(url, 0, { body: 'hello' })).status).toBe(500)
  await database.query('DROP TRIGGER fail ON tus_upload')
  // As if it had died there: its lock was not given back.
  await database.query('UPDATE tus_upload SET locked_until = now() WHERE id = $1', [url.split('/').at(-1)])
  expect(await tus.head(url)).toMatchObject({ status: 200, headers: { 'upload-offset': '5' } })
  expect((await complete(id)).media.sha256).toBe(sha256('hello'))
})

test('a ticket that has expired takes nothing, and its uploads are gone', async () => {
  const { id, tus } = await ticketFor({})
  const url = await tus.create(5)
  await gateway.app.foundation.database.query(`UPDATE upload_ticket SET expires_at = now() WHERE id = $1`, [
    id,
  ])
  expect(await tus.head(url)).toMatchObject({ status: 410 })
  expect(await tus.patch(url, 0, { body: 'hello' })).toMatchObject({ status: 410, code: 'UPLOAD_EXPIRED' })
  expect((await tus.send('POST', tus.endpoint, { headers: { 'upload-length': '5' } })).status).toBe(410)
})
