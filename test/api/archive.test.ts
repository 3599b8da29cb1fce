import { once } from 'node:events'
import { request } from 'node:http'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { parseDisposition } from '../support/content-disposition.ts'
import { readZip } from '../support/zip.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const post = (body: unknown, headers: Record<string, string> = { authorization: ADMIN }) =>
  fetch(`${gateway.url}/media/archive`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const uploaded = async (text: string, fileName: string, input: Record<string, unknown> = {}) =>
  (await gateway.upload({ bytes: Buffer.from(text), fileName }, input)).media as {
    id: string
    sha256: string
  }

async function unpack(answer: Response) {
  const files = readZip(Buffer.from(await answer.arrayBuffer()))
  const manifest = JSON.parse(String(files.pop()?.bytes))
  return { files: files.map(({ name, bytes }) => [name, String(bytes)]), manifest }
}

describe('POST /media/archive', () => {
  test('gives several media as one ZIP to save, which no cache keeps', async () => {
    const a = await uploaded('one', 'a.txt')
    const b = await uploaded('two', 'A.txt')
    const answer = await post({ ids: [a.id, b.id], fileName: 'Urlaub ☀' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/zip')
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('content-length')).toBeNull()
    expect(parseDisposition(answer.headers.get('content-disposition') ?? '')).toEqual({
      type: 'attachment',
      fileName: 'Urlaub ☀.zip',
    })
    const { files, manifest } = await unpack(answer)
    expect(files).toEqual([
      ['a.txt', 'one'],
      ['A (2).txt', 'two'],
    ])
    expect(manifest.included).toEqual([
      { id: a.id, name: 'a.txt', size: 3, sha256: a.sha256 },
      { id: b.id, name: 'A (2).txt', size: 3, sha256: b.sha256 },
    ])
  })

  test('leaves out what belongs to others, as if it were not there, and takes what is public', async () => {
    const mine = await uploaded('mine', 'mine.txt')
    const open = await uploaded('open', 'open.txt', { public: true })
    const { files, manifest } = await unpack(
      await post({ ids: [mine.id, open.id] }, { authorization: FOREIGN }),
    )
    expect(files).toEqual([['open.txt', 'open']])
    expect(manifest.leftOut).toEqual([
      { id: mine.id, code: 'NOT_FOUND', reason: expect.stringContaining('no such media') },
    ])
  })

  test('counts against the budget of each media', async () => {
    const { id } = await uploaded('once', 'once.txt', { maxDownloads: 1 })
    expect((await unpack(await post({ ids: [id] }))).files).toHaveLength(1)
    const { files, manifest } = await unpack(await post({ ids: [id] }))
    expect(files).toEqual([])
    expect(manifest.leftOut).toMatchObject([{ id, code: 'DOWNLOAD_LIMIT_REACHED' }])
  })

  test('takes 1 000 media, and not one more', async () => {
    const ids = Array.from(
      { length: 1_001 },
      (_, n) => `01234567-89ab-7def-8123-${String(n).padStart(12, '0')}`,
    )
    const { manifest } = await unpack(await post({ ids: ids.slice(1) }))
    expect(manifest.leftOut).toHaveLength(1_000)
    const answer = await post({ ids })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      error: { code: 'BAD_REQUEST', field: ['ids'], details: { limit: 1_000, actual: 1_001 } },
    })
  })

  test.each([
    ['no JSON', '{', 400],
    ['nothing', '', 400],
    ['null', 'null', 400],
    ['no ids', '{}', 400],
    ['ids that are no list', '{"ids":"x"}', 400],
    ['an empty list', '{"ids":[]}', 400],
    ['an id that is no text', '{"ids":[1]}', 400],
    ['a name that is no text', '{"ids":["x"],"fileName":{}}', 400],
    ['a body of more than a mebibyte', JSON.stringify({ ids: ['x'.repeat(1 << 20)] }), 413],
  ])('refuses %s', async (_, body, status) => {
    const answer = await post(body)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ error: { code: expect.not.stringContaining('INTERNAL') } })
  })

  test('needs a credential that may read', async () => {
    expect((await post({ ids: ['x'] }, {})).status).toBe(401)
    const { keys, foundation } = gateway.app
    await keys.ensure({ accountId: 'acme', keyId: 'writer', secret: 'writersecret' })
    await foundation.database.query(`UPDATE api_key SET scopes = '{media:create}' WHERE id = 'writer'`)
    const answer = await post({ ids: ['x'] }, { authorization: 'Bearer mgw_writer_writersecret' })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('media:read')
  })

  test('is cut off, not ended, when a file breaks off midway', async () => {
    const { id } = await uploaded('x'.repeat(3 * 2 ** 20), 'big.txt')
    await gateway.app.foundation.database.query(
      `UPDATE media_version SET size = size + 1 WHERE media_id = $1`,
      [id],
    )
    const asked = request(`${gateway.url}/media/archive`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'content-type': 'application/json' },
    }).end(JSON.stringify({ ids: [id] }))
    const [answer] = await once(asked, 'response')
    answer.on('error', () => undefined).resume()
    await new Promise(resolve => answer.once('close', resolve))
    expect([answer.statusCode, answer.complete]).toEqual([200, false])
    await gateway.app.foundation.database.query(
      `UPDATE media_version SET size = size - 1 WHERE media_id = $1`,
      [id],
    )
    const logged = gateway.log
      .map(line => JSON.stringify(line))
      .find(line => line.includes('unexpected number'))
    expect(logged).toContain('the archive broke off')
  })
})
