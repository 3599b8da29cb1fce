import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { BYTES, metadata, TusByHand } from '../support/tus.ts'

// tus 1.0.0: Concatenation.

let gateway: TestApp
let tus: TusByHand
beforeAll(async () => {
  gateway = await startApp({ MAX_UPLOAD_BYTES: '1000' })
  tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
})
afterAll(() => gateway.close())

const contentOf = (id: string | undefined) =>
  fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } }).then(answer =>
    answer.text(),
  )
const join = (urls: readonly string[], headers: Record<string, string> = {}) =>
  tus.send('POST', tus.endpoint, { headers: { 'upload-concat': `final;${urls.join(' ')}`, ...headers } })
const mediaCount = async () => (await gateway.query('{ mediaItems { totalCount } }')).mediaItems.totalCount

test('parts become one media in the order in which they are named', async () => {
  const [a, b, c] = await Promise.all(['first ', 'second ', 'third'].map(text => tus.part(text)))
  const answer = await join([c, a, b] as string[], { 'upload-metadata': metadata({ title: 'joined' }) })
  expect(answer).toMatchObject({ status: 201, headers: { 'upload-offset': '18' } })
  expect(await contentOf(answer.headers['media-id'])).toBe('thirdfirst second ')
  const { media } = await gateway.query('query($id: ID!) { media(id: $id) { title } }', {
    id: answer.headers['media-id'],
  })
  expect(media.title).toBe('joined')
})

test('HEAD of a part and of the whole gives Upload-Concat back as it came', async () => {
  const parts = [await tus.part('a'), await tus.part('b')]
  const { headers } = await join(parts)
  expect((await tus.head(parts[0] ?? '')).headers).toMatchObject({
    'upload-concat': 'partial',
    'upload-offset': '1',
  })
  expect((await tus.head(headers.location ?? '')).headers).toMatchObject({
    'upload-concat': `final;${parts.join(' ')}`,
    'upload-length': '2',
    'upload-offset': '2',
    'media-id': headers['media-id'],
  })
})

test('a part is no media, and its bytes go when the whole has them', async () => {
  const before = await mediaCount()
  const parts = [await tus.part('not '), await tus.part('twice')]
  expect(await mediaCount()).toBe(before)
  await join(parts)
  expect(await mediaCount()).toBe(before + 1)
  const ids = parts.map(url => url.split('/').at(-1))
  expect(
    await gateway.app.foundation.database.query(
      'SELECT 1 FROM blob b JOIN tus_upload u ON u.blob_id = b.id WHERE u.id = ANY ($1)',
      [ids],
    ),
  ).toEqual([])
})

test('paths without an origin name parts as URLs do', async () => {
  const parts = [await tus.part('re'), await tus.part('lative')]
  const { headers } = await join(parts.map(url => new URL(url).pathname))
  expect(await contentOf(headers['media-id'])).toBe('relative')
})

test('as many parts as a header holds become one media', async () => {
  const parts: string[] = []
  // No more at once than a gateway that has little time can tell every second that it still holds them: others are answered 423.
  while (parts.length < 250)
    parts.push(...(await Promise.all(Array.from({ length: 10 }, (_, i) => tus.part(String(i))))))
  const { headers } = await join(parts.map(url => new URL(url).pathname))
  expect(await contentOf(headers['media-id'])).toBe('0123456789'.repeat(25))
}, 180_000)

test.each([
  ['no part', () => []],
  ['something that is no upload', () => [`${tus.endpoint}/nothing`]],
  ['an upload that never was', () => [`${tus.endpoint}/00000000-0000-7000-8000-000000000000`]],
  ['an upload that is no part', () => [tus.create(5)]],
  ['a part that is not whole', () => [tus.part('whole'), tus.create(5, { 'upload-concat': 'partial' })]],
  ['a part of another credential', () => [new TusByHand(tus.endpoint, FOREIGN).part('foreign')]],
  ['more than is taken', () => [tus.part('x'.repeat(600)), tus.part('y'.repeat(600))]],
])('of %s nothing is made', async (what, urls) => {
  const before = await mediaCount()
  const answer = await join(await Promise.all(urls()))
  expect(answer.status).toBe(what === 'more than is taken' ? 413 : 400)
  expect(await mediaCount()).toBe(before)
})

test('a final upload takes no length, no bytes, and no end', async () => {
  const parts = [await tus.part('a')]
  expect((await join(parts, { 'upload-length': '1' })).status).toBe(400)
  const withBytes = { 'upload-concat': `final;${parts}`, 'content-type': BYTES }
  expect((await tus.send('POST', tus.endpoint, { headers: withBytes, body: 'b' })).status).toBe(400)
  expect((await tus.send('POST', tus.endpoint, { headers: { 'upload-concat': 'half' } })).status).toBe(400)
  const { headers } = await join(parts)
  expect(await tus.patch(headers.location ?? '', 1, { body: 'b' })).toMatchObject({ status: 403 })
  expect((await tus.end(headers.location ?? '')).status).toBe(403)
})

test('a part that has ended cannot be used', async () => {
  const part = await tus.part('given up')
  expect((await tus.end(part)).status).toBe(204)
  expect((await join([part])).status).toBe(400)
})

test('a request that comes again, or twice at once, gives the same media', async () => {
  const before = await mediaCount()
  const parts = [await tus.part('once '), await tus.part('only')]
  const answers = await Promise.all([join(parts), join(parts), join(parts)])
  answers.push(await join(parts))
  const ids = new Set(answers.map(({ headers }) => headers['media-id']))
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
  expect([...ids].length).toBe(1)
  expect(await mediaCount()).toBe(before + 1)
  expect(await contentOf([...ids][0])).toBe('once only')
})

test('what a process that died had begun is put together when the request comes again', async () => {
  const parts = [await tus.part('in '), await tus.part('time')]
  // As it is after a kill between the row of the final upload and its bytes.
  const { database } = gateway.app.foundation
  const { headers: first } = await join([await tus.part('other')])
  const begun = first.location?.split('/').at(-1)
  await database.query(
    `UPDATE tus_upload SET state = 'open', media_id = NULL, length = 7, part_ids = $2, locked_until = now() WHERE id = $1`,
    [begun, parts.map(url => url.split('/').at(-1))],
  )
  const head = await tus.head(first.location ?? '')
  expect([head.status, head.headers['upload-offset']]).toEqual([200, undefined])
  const { headers } = await join(parts)
  expect(headers.location).toBe(first.location)
  expect(await contentOf(headers['media-id'])).toBe('in time')
})

test('a ticket takes a file in parts, under its own rules for the whole', async () => {
  const { createUpload } = await gateway.query(
    `mutation($input: CreateUploadInput!) { createUpload(input: $input) { ticket { id tusEndpoint } userErrors { code } } }`,
    { input: { size: 8, accept: ['text/plain'] } },
  )
  const { id, tusEndpoint } = createUpload.ticket
  const bearer = new TusByHand(tusEndpoint, null)
  const parts = [await bearer.part('by '), await bearer.part('parts')]
  const concat = (urls: readonly string[]) =>
    bearer.send('POST', tusEndpoint, { headers: { 'upload-concat': `final;${urls.join(' ')}` } })
  expect(await concat([parts[0] ?? ''])).toMatchObject({ status: 422, code: 'CONTENT_MISMATCH' })
  // Not with the ticket's URL, not with the credential.
  expect((await concat([await tus.part('stranger')])).status).toBe(400)
  expect((await join(parts)).status).toBe(400)
  expect(await concat(parts)).toMatchObject({ status: 201, headers: { 'upload-offset': '8' } })
  expect((await concat(parts)).status).toBe(201)
  const { completeUpload } = await gateway.query(
    `mutation($id: ID!) { completeUpload(input: { id: $id }) { media { id } userErrors { code } } }`,
    { id },
  )
  expect(await contentOf(completeUpload.media.id)).toBe('by parts')
})
