import { Readable } from 'node:stream'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { metadata, TusByHand } from '../support/tus.ts'

// tus 1.0.0: Expiration and Termination, and what becomes of an upload that has all its bytes.

let gateway: TestApp
let tus: TusByHand
beforeAll(async () => {
  gateway = await startApp({ MAX_UPLOAD_BYTES: '1000', UPLOAD_EXPIRES_SECONDS: '3600' })
  tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
})
afterAll(() => gateway.close())

const idOf = (url: string) => url.split('/').at(-1) ?? ''
const sql = <Row = unknown>(text: string, ...values: unknown[]) =>
  gateway.app.foundation.database.query<Row>(text, values)
const blobsOf = (url: string) =>
  sql<{ state: string }>(
    'SELECT b.state FROM blob b JOIN tus_upload u ON u.blob_id = b.id WHERE u.id = $1',
    idOf(url),
  )
const contentOf = (id: string | undefined) =>
  fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } }).then(answer =>
    answer.text(),
  )
const titles = async () =>
  (await gateway.query('{ mediaItems(first: 100) { nodes { title } } }')).mediaItems.nodes.map(
    (node: { title: string }) => node.title,
  )

/** A whole upload in one request; gives its answer and its URL. */
async function upload(body: string, pairs: Record<string, string> = {}) {
  const url = await tus.create(Buffer.byteLength(body), { 'upload-metadata': metadata(pairs) })
  return { url, answer: await tus.patch(url, 0, { body }) }
}

describe('an upload that expires', () => {
  test('is gone at the hour that Upload-Expires tells', async () => {
    const answer = await tus.send('POST', tus.endpoint, { headers: { 'upload-length': '5' } })
    const url = answer.headers.location ?? ''
    const told = Date.parse(answer.headers['upload-expires'] ?? '')
    expect(Math.abs(told - Date.now() - 3_600_000)).toBeLessThan(60_000)
    await tus.patch(url, 0, { body: 'hel' })
    await sql('UPDATE tus_upload SET expires_at = now() WHERE id = $1', idOf(url))
    for (const refused of [await tus.patch(url, 3, { body: 'lo' }), await tus.head(url), await tus.end(url)])
      expect(refused.status).toBe(410)
    expect(await tus.patch(url, 3, { body: 'lo' })).toMatchObject({ code: 'UPLOAD_EXPIRED' })
  })

  test('leaves its bytes to the reaper', async () => {
    const url = await tus.create(5)
    await tus.patch(url, 0, { body: 'hel' })
    await gateway.app.reaper.run()
    expect(await blobsOf(url)).toEqual([{ state: 'staged' }])
    const together = 'lease_until = expires_at AS together FROM blob b JOIN tus_upload u ON u.blob_id = b.id'
    expect(await sql(`SELECT ${together} WHERE u.id = $1`, idOf(url))).toEqual([{ together: true }])
    await sql('UPDATE tus_upload SET expires_at = now() WHERE id = $1', idOf(url))
    await sql(
      'UPDATE blob SET lease_until = now() FROM tus_upload u WHERE u.blob_id = blob.id AND u.id = $1',
      idOf(url),
    )
    expect((await gateway.app.reaper.run()).removed).toBe(1)
    expect(await blobsOf(url)).toEqual([])
    expect((await tus.head(url)).status).toBe(410)
  })

  test('is told from what never was for a day', async () => {
    const url = await tus.create(5)
    const forget = gateway.app.jobs.find(({ name }) => name === 'uploads.forget')
    const expired = async (ago: string) => {
      await sql(`UPDATE tus_upload SET expires_at = now() - $2::interval WHERE id = $1`, idOf(url), ago)
      await forget?.run({}, {} as never)
      return (await tus.head(url)).status
    }
    expect([await expired('23 hours'), await expired('25 hours')]).toEqual([410, 404])
    await sql(`UPDATE blob SET lease_until = now() WHERE state = 'staged'`)
    await gateway.app.reaper.run()
  })

  test('stays finished if it was', async () => {
    const { url, answer } = await upload('hello')
    await sql('UPDATE tus_upload SET expires_at = now() WHERE id = $1', idOf(url))
    expect((await tus.head(url)).headers['media-id']).toBe(answer.headers['media-id'])
  })
})

describe('DELETE', () => {
  test('gives an upload up, with its bytes', async () => {
    const url = await tus.create(5)
    await tus.patch(url, 0, { body: 'hel' })
    expect(await tus.end(url)).toMatchObject({ status: 204, headers: { 'tus-resumable': '1.0.0' } })
    expect(await blobsOf(url)).toEqual([])
    for (const refused of [await tus.head(url), await tus.patch(url, 3, { body: 'lo' }), await tus.end(url)])
      expect(refused.status).toBe(410)
  })

  test('of a finished upload is refused, and its media stays', async () => {
    const { url, answer } = await upload('hello')
    expect(await tus.end(url)).toMatchObject({ status: 403, code: 'UPLOAD_FINISHED' })
    expect(await contentOf(answer.headers['media-id'])).toBe('hello')
  })
})

describe('the last byte', () => {
  test('makes the media when its request comes no further, and HEAD asks', async () => {
    const url = await tus.create(5, { 'upload-metadata': metadata({ title: 'late' }) })
    await tus.patch(url, 0, { body: 'hell' })
    // As it is after a kill between the byte and the media: the store has all, the lock was never given back.
    const { storage } = gateway.app.foundation
    const [blob] = await sql<{ handle: never }>(
      'SELECT multipart_id AS handle FROM blob b JOIN tus_upload u ON u.blob_id = b.id WHERE u.id = $1',
      idOf(url),
    )
    await storage.resumableOf('default').append(blob?.handle as never, 4, Readable.from([Buffer.from('o')]))
    await sql('UPDATE tus_upload SET locked_until = now() WHERE id = $1', idOf(url))
    const { headers } = await tus.head(url)
    expect([headers['upload-offset'], await contentOf(headers['media-id'])]).toEqual(['5', 'hello'])
    expect((await tus.head(url)).headers['media-id']).toBe(headers['media-id'])
  })

  test.each([
    ['a name that is taken', { name: 'taken' }, 'NAME_TAKEN'],
    ['content that the account has', { onDuplicate: 'REFUSE' }, 'DUPLICATE_CONTENT'],
  ])('is refused with 422 for %s, and nothing of the upload stays', async (_, pairs, code) => {
    await upload('there already', { name: 'taken' })
    const before = (await titles()).length
    const { url, answer } = await upload('there already', pairs)
    expect(answer).toMatchObject({ status: 422, code })
    expect(await blobsOf(url)).toEqual([])
    expect((await tus.head(url)).status).toBe(410)
    expect((await titles()).length).toBe(before)
  })

  test('gives the media that is there already where that is asked for', async () => {
    const first = await upload('the same')
    const again = await upload('the same', { onDuplicate: 'RETURN_EXISTING' })
    expect(again.answer.headers['media-id']).toBe(first.answer.headers['media-id'])
    expect(await blobsOf(again.url)).toEqual([])
    expect((await upload('the same')).answer.headers['media-id']).not.toBe(first.answer.headers['media-id'])
  })

  test('of two uploads with one idempotencyKey makes one media, and of another file none', async () => {
    const pairs = { idempotencyKey: 'b1d2c3', title: 'keyed' }
    const first = await upload('keyed', pairs)
    const again = await upload('keyed', pairs)
    expect(again.answer.headers['media-id']).toBe(first.answer.headers['media-id'])
    expect(await blobsOf(again.url)).toEqual([])
    expect(await upload('other', pairs)).toMatchObject({
      answer: { status: 422, code: 'IDEMPOTENCY_CONFLICT' },
    })
    expect((await titles()).filter((title: string) => title === 'keyed')).toHaveLength(1)
  })
})
