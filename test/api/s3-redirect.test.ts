import { randomBytes } from 'node:crypto'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { missingCephPrograms, STARTS_WITHIN_MS } from '../support/ceph-rgw.ts'
import { fixture } from '../support/fixtures.ts'
import { s3Folder } from '../support/s3-folder.ts'

// Downloads that are sent to the store itself, and those that may not be.

const missing = missingCephPrograms()

if (missing.length > 0) {
  test(`redirects to a real object store are left out: there is no ${missing.join(', ')} here`, () =>
    undefined)
} else {
  let bucket: Awaited<ReturnType<typeof s3Folder>>
  let gateway: TestApp

  beforeAll(async () => {
    bucket = await s3Folder('redirects/')
    gateway = await startApp({
      STORAGE_URL: `${bucket.url}&delivery=redirect`,
      STORES: `proxied=${bucket.url.replace('redirects/', 'proxied/')}`,
      STORES_OFFERED: 'proxied',
    })
  }, STARTS_WITHIN_MS)
  afterAll(async () => {
    await gateway.close()
    await bucket.remove()
  })

  const image = fixture('photo.png').bytes()
  const uploaded = async (input: Record<string, unknown> = {}, bytes: Uint8Array = image) => {
    const { media, userErrors } = await gateway.upload({ bytes, fileName: 'näme.png' }, input, 'id etag')
    expect(userErrors).toEqual([])
    return media as { id: string; etag: string }
  }
  const ask = (id: string, { method = 'GET', query = '', headers = {} } = {}) =>
    fetch(`${gateway.url}/media/${id}/content${query}`, {
      method,
      headers: { authorization: ADMIN, ...headers },
      redirect: 'manual',
    })

  test('a passive file is a redirect to the store, whose answer is the file with its type and name', async () => {
    const { id } = await uploaded()
    const answer = await ask(id)
    expect(answer.status).toBe(307)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await answer.text()).toBe('')
    const url = new URL(answer.headers.get('location') ?? '')
    expect(url.origin).toBe(bucket.endpoint)
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBe(60)
    const file = await fetch(url)
    expect(Buffer.from(await file.arrayBuffer()).equals(image)).toBe(true)
    expect(file.headers.get('content-type')).toBe('image/png')
    expect(file.headers.get('content-disposition')).toMatch(/^inline; .*filename\*=UTF-8''n%C3%A4me\.png$/)
  })

  test('nobody is sent to the store for what a scan withholds, or may withdraw', async () => {
    const { id } = await uploaded()
    const closed = await gateway.beside({ CLAMAV_URL: 'tcp://127.0.0.1:1' })
    const open = await gateway.beside({ CLAMAV_URL: 'tcp://127.0.0.1:1', SCAN_POLICY: 'open' })
    for (const [scan, ...expected] of [
      ['PENDING', 409, 200],
      ['ERROR', 409, 200],
      ['INFECTED', 403, 403],
      ['CLEAN', 307, 307],
    ] as const) {
      const { database } = gateway.app.foundation
      await database.query(`UPDATE media_version SET scan = $2 WHERE media_id = $1`, [id, scan])
      const answers = await Promise.all(
        [closed, open].map(({ url }) =>
          fetch(`${url}/media/${id}/content`, { headers: { authorization: ADMIN }, redirect: 'manual' }),
        ),
      )
      expect([scan, ...answers.map(({ status }) => status)]).toEqual([scan, ...expected])
      for (const { status, headers } of answers) expect(headers.has('location')).toBe(status === 307)
      await Promise.all(answers.map(answer => answer.arrayBuffer()))
    }
    await closed.close()
    await open.close()
  })

  test('what the public gets redacted is sent by the gateway, and its original to nobody else', async () => {
    const { id } = await uploaded({ public: true }, fixture('photo-gps.jpg').bytes())
    const strict = await gateway.beside({ STRIP_ON_PUBLIC: 'on' })
    const path = `/media/${id}/content`
    const open = await fetch(strict.url + path, { redirect: 'manual' })
    const body = Buffer.from(await open.arrayBuffer())
    expect([open.status, body.length, body.equals(fixture('photo-gps.jpg').bytes())]).toEqual([
      200,
      fixture('photo-gps.jpg').size,
      false,
    ])
    const own = await fetch(strict.url + path, { redirect: 'manual', headers: { authorization: ADMIN } })
    expect([own.status, own.headers.get('cache-control')]).toEqual([307, 'private, no-store'])
    await strict.close()
  })

  test('a client that follows gets the file, or a range of it, and to save it when it asks to', async () => {
    const { id } = await uploaded()
    const place = `${gateway.url}/media/${id}/content`
    const whole = await fetch(`${place}?download=1`, { headers: { authorization: ADMIN } })
    expect(whole.redirected).toBe(true)
    expect(whole.headers.get('content-disposition')).toMatch(/^attachment; /)
    expect(Buffer.from(await whole.arrayBuffer()).equals(image)).toBe(true)
    const part = await fetch(place, { headers: { authorization: ADMIN, range: 'bytes=10-19' } })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(image.subarray(10, 20))).toBe(true)
  })

  test('conditions, ranges beyond the end and HEAD are answered here', async () => {
    const { id, etag } = await uploaded()
    const current = (await ask(id, { method: 'HEAD' })).headers.get('etag') ?? ''
    expect((await ask(id, { headers: { 'if-none-match': current } })).status).toBe(304)
    expect((await ask(id, { headers: { 'if-match': '"other"' } })).status).toBe(412)
    expect((await ask(id, { headers: { range: `bytes=${image.byteLength}-` } })).status).toBe(416)
    const head = await ask(id, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(image.byteLength)])
    expect(head.headers.get('etag')).toContain(etag)
  })

  test('a signed URL lends its redirect no more time than it has itself', async () => {
    const { id } = await uploaded()
    const { media } = await gateway.query('query($id: ID!) { media(id: $id) { url(expiresIn: 60) } }', { id })
    const answer = await fetch(media.url, { redirect: 'manual' })
    expect(answer.status).toBe(307)
    const seconds = Number(new URL(answer.headers.get('location') ?? '').searchParams.get('X-Amz-Expires'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(60)
  })

  test('who may not have it is sent nowhere', async () => {
    const { id } = await uploaded()
    expect((await ask(id, { headers: { authorization: FOREIGN } })).status).toBe(404)
    const unnamed = await fetch(`${gateway.url}/media/${id}/content`, { redirect: 'manual' })
    expect(unnamed.status).toBe(404)
  })

  describe('comes through the gateway', () => {
    const isProxied = async (answer: Response, bytes: Uint8Array) => {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('location')).toBeNull()
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
    }

    test('what a browser may run, and what nobody knows', async () => {
      const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
      for (const bytes of [svg, Buffer.from('<!doctype html><p>hello'), randomBytes(1000)])
        await isProxied(await ask((await uploaded({}, bytes)).id), bytes)
    })

    test('what may be downloaded so many times: its budget is counted to the last', async () => {
      const { id } = await uploaded({ maxDownloads: 2 })
      for (let n = 0; n < 2; n++) await isProxied(await ask(id), image)
      expect((await ask(id)).status).toBe(403)
    })

    test('what is shared by a link, which can be revoked', async () => {
      const { id } = await uploaded()
      const { createShareLink } = await gateway.query(
        'mutation($id: ID!) { createShareLink(input: { mediaId: $id }) { url userErrors { code } } }',
        { id },
      )
      await isProxied(await fetch(createShareLink.url, { redirect: 'manual' }), image)
    })

    test('what goes on with a download, if it is still the same file', async () => {
      const { id } = await uploaded()
      const etag = (await ask(id, { method: 'HEAD' })).headers.get('etag') ?? ''
      const answer = await ask(id, { headers: { range: 'bytes=5-9', 'if-range': etag } })
      expect([answer.status, answer.headers.get('location')]).toEqual([206, null])
      expect(Buffer.from(await answer.arrayBuffer()).equals(image.subarray(5, 10))).toBe(true)
    })

    test('what lies in a store that does not redirect', async () => {
      await isProxied(await ask((await uploaded({ storeId: 'proxied' })).id), image)
    })

    test('what an archive is made of', async () => {
      const { id } = await uploaded()
      const answer = await fetch(`${gateway.url}/media/archive`, {
        method: 'POST',
        headers: { authorization: ADMIN, 'content-type': 'application/json' },
        body: JSON.stringify({ ids: [id] }),
      })
      expect(answer.status).toBe(200)
      expect(Buffer.from(await answer.arrayBuffer()).includes(image.subarray(0, 64))).toBe(true)
    })
  })
}
