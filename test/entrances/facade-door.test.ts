import { type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { facadesConfig, type Mount } from '../../src/entrances/facades/facades.config.ts'
import { documentOf } from '../acceptance/documented.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'

const mountsOf = (text: string): readonly Mount[] | string => {
  const parsed = facadesConfig.FACADES.parse(text)
  return 'value' in parsed ? parsed.value : parsed.allowed
}

describe('FACADES', () => {
  test('all are there without it', () => {
    expect(facadesConfig.FACADES.default.map(({ name }) => name)).toEqual([
      'vonage',
      'bandwidth',
      'cms',
      'apizee',
    ])
  })

  test.each([
    ['off', []],
    ['cms', [{ name: 'cms', prefix: '' }]],
    [
      'cms, vonage',
      [
        { name: 'cms', prefix: '' },
        { name: 'vonage', prefix: '' },
      ],
    ],
    ['cms@cms.example.org', [{ name: 'cms', host: 'cms.example.org', prefix: '' }]],
    ['cms@CMS.example.org:8443/a/b', [{ name: 'cms', host: 'cms.example.org:8443', prefix: '/a/b' }]],
    ['apizee/old', [{ name: 'apizee', prefix: '/old' }]],
  ])('%s', (text, mounts) => {
    expect(mountsOf(text)).toEqual(mounts)
  })

  test.each([
    'cms,cms',
    'nexmo',
    'cms/',
    'cms//a',
    'cms/:id',
    'cms@',
    'cms@a_b',
    'cms@x/*',
    'off,cms',
    'toString',
  ])('%s is refused', text => {
    expect(mountsOf(text)).toMatch(/^off, or names/)
  })
})

interface Ask {
  readonly method?: string
  readonly host?: string
  readonly authorization?: string | null
}

interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An answer to a path as it stands here: nothing in it is written another way. */
const ask = (
  gateway: Pick<TestApp, 'url'>,
  path: string,
  { method, host, authorization = ADMIN }: Ask = {},
) =>
  new Promise<Reply>((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url)
    const headers = { ...(host && { host }), ...(authorization && { authorization }) }
    request({ hostname, port, path, method, headers }, async answer => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) })
    })
      .on('error', reject)
      .end()
  })

/** The status of a GET under another host name. */
const at = async (gateway: TestApp, host: string, path: string) => (await ask(gateway, path, { host })).status

/** The form of a refusal. */
function formOf({ body }: Reply): string {
  const said = JSON.parse(body)
  if (said.error?.requestId) return 'ours'
  if (typeof said.error === 'string') return 'cms'
  if (said.type === 'about:blank') return 'vonage'
  return said.data ? 'apizee' : 'bandwidth'
}

describe('where no route is', () => {
  let gateway: TestApp
  beforeAll(async () => {
    gateway = await startApp()
  })
  afterAll(() => gateway.close())

  const id = '01890000-0000-7000-8000-000000000000'
  const users = '/api/v2/users/acme/media'

  test.each([
    ['PATCH', '/v3/media', 'vonage', 'GET, HEAD, POST'],
    ['PATCH', `/v3/media/${id}`, 'vonage', 'GET, HEAD, DELETE, PUT'],
    ['DELETE', `/v3/media/${id}/info?x=1`, 'vonage', 'GET, HEAD, PUT, POST'],
    ['PROPFIND', '/v3/media/', 'vonage', 'GET, HEAD, POST'],
    ['DELETE', users, 'bandwidth', 'GET, HEAD'],
    ['POST', `${users}/a.jpg`, 'bandwidth', 'GET, HEAD, PUT, DELETE'],
    ['POST', `${users}/a/b.jpg`, 'bandwidth', 'GET, HEAD, PUT, DELETE'],
    ['PATCH', `/api/media/${id}`, 'cms', 'GET, HEAD, DELETE'],
    ['PUT', '/api/media', 'cms', 'GET, HEAD, POST'],
    ['POST', '/api/v3/medias/1', 'apizee', 'GET, HEAD, PUT, DELETE'],
    ['POST', '/api/v3/medias', 'apizee', 'GET, HEAD'],
    ['PUT', '/api/v3/medias/1/download', 'apizee', 'GET, HEAD'],
  ])('%s %s is 405, in the form of %s; who has no credential is told that first', async (...row) => {
    const [method, path, form, allow] = row
    const refused = await ask(gateway, path, { method })
    expect([refused.status, formOf(refused), refused.headers.allow]).toEqual([405, form, allow])
    for (const authorization of [null, 'Bearer mgw_root_wrong']) {
      const stranger = await ask(gateway, path, { method, authorization })
      expect([stranger.status, formOf(stranger), stranger.headers.allow]).toEqual([401, form, undefined])
      expect(stranger.headers['www-authenticate']).toMatch(/^Bearer /)
    }
  })

  test('what is open to everybody tells everybody what it takes', async () => {
    const path = `/media/showVideo/1/hash/${id}`
    const refused = await ask(gateway, path, { method: 'POST', authorization: null })
    expect([refused.status, formOf(refused), refused.headers.allow]).toEqual([405, 'apizee', 'GET, HEAD'])
    const other = await ask(gateway, '/media/showVideo/1', { authorization: null })
    expect([other.status, formOf(other)]).toEqual([404, 'apizee'])
  })

  test.each([
    ['vonage', `/v3/media/${id}/x`],
    ['vonage', `/v3/media/${id}/info/x`],
    ['bandwidth', '/api/v2/users/acme'],
    ['bandwidth', '/api/v2/users/acme/mediax'],
    ['cms', `/api/media/${id}/x`],
    ['apizee', '/api/v3/medias/1/x'],
  ])('an unknown path of %s, %s, is its 404', async (form, path) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const refused = await ask(gateway, path, { method })
      expect([method, refused.status, formOf(refused)]).toEqual([method, 404, form])
      expect(refused.headers.allow).toBeUndefined()
    }
    expect((await ask(gateway, path, { authorization: null })).status).toBe(401)
  })

  test.each([
    ['PUT', `${users}/100%.mp3`, 'bandwidth'],
    ['GET', `${users}/%ZZ`, 'bandwidth'],
    ['GET', '/v3/media/%ZZ', 'vonage'],
    ['DELETE', '/api/media/%', 'cms'],
    ['GET', '/api/v3/medias/%2', 'apizee'],
    ['GET', '/media/showVideo/1/hash/%', 'apizee'],
  ])('%s %s cannot be read: 400, in the form of %s', async (method, path, form) => {
    const refused = await ask(gateway, path, { method })
    expect([refused.status, formOf(refused)]).toEqual([400, form])
    expect(refused.headers['x-request-id']).toBeDefined()
  })

  test.each([
    ['GET', '/api', 404],
    ['GET', '/api/mediax', 404],
    ['GET', '/api/v3', 404],
    ['GET', '/v3/mediax', 404],
    ['PATCH', `/media/${id}/content`, 404],
    ['GET', `/media/${id}/%ZZ`, 400],
    ['GET', '/%ZZ', 400],
  ])('%s %s belongs to none of them, and is refused in our form', async (method, path, status) => {
    const refused = await ask(gateway, path, { method, authorization: null })
    expect([refused.status, formOf(refused)]).toEqual([status, 'ours'])
  })
})

test('HEAD is what GET is, without the body, and no download; a UUID may be in capitals', async () => {
  const gateway = await startApp()
  try {
    const file = { bytes: Buffer.from('x'.repeat(3_000)), fileName: 'a.txt' }
    const { media } = await gateway.upload(file, { name: 'a.txt', maxDownloads: 5 }, 'id')
    const { database } = gateway.app.foundation
    const query = 'SELECT number, times_downloaded::int AS downloads FROM media WHERE id = $1'
    const row = async () =>
      (await database.query<{ number: number; downloads: number }>(query, [media.id]))[0]
    const { number, downloads } = (await row()) ?? {}
    const contents = [
      '/api/v2/users/acme/media/a.txt',
      `/v3/media/${media.id}`,
      `/api/v3/medias/${number}/download`,
    ]
    const others = [
      '/api/v2/users/acme/media',
      '/v3/media',
      `/v3/media/${media.id}/info`,
      '/api/media',
      `/api/media/${media.id}`,
      '/api/v3/medias',
      `/api/v3/medias/${number}`,
    ]
    const heads = new Map<string, Reply>()
    for (const path of [...contents, ...others]) heads.set(path, await ask(gateway, path, { method: 'HEAD' }))
    expect((await row())?.downloads).toBe(downloads)
    for (const [path, head] of heads) {
      const { date, 'x-request-id': _, ...headers } = head.headers
      const got = await ask(gateway, path)
      expect([path, head.status, head.body, got.status]).toEqual([path, 200, '', 200])
      expect(got.headers).toMatchObject(headers)
      expect([path, head.headers['content-length']]).toEqual([path, String(got.body.length)])
    }
    for (const path of heads.keys())
      expect([path, (await ask(gateway, path, { method: 'HEAD', authorization: null })).status]).toEqual([
        path,
        401,
      ])
    expect((await ask(gateway, '/v3/media/x/info', { method: 'HEAD' })).status).toBe(404)
    for (const [method, path, status] of [
      ['GET', '/api/media/', 200],
      ['GET', '/v3/media/', 200],
      ['DELETE', '/api/media/', 204],
    ] as const) {
      const inCapitals = path + media.id.toUpperCase()
      expect([method, path, (await ask(gateway, inCapitals, { method })).status]).toEqual([
        method,
        path,
        status,
      ])
    }
    expect((await ask(gateway, `/api/media/${media.id}`)).status).toBe(404)
  } finally {
    await gateway.close()
  }
})

test('a facade is there at its own host alone, and says so in its URLs and its document', async () => {
  const gateway = await startApp({ FACADES: 'cms@cms.example.org', PUBLIC_URL: 'https://media.example.org' })
  try {
    expect(await at(gateway, 'cms.example.org', '/api/media')).toBe(200)
    expect(await at(gateway, 'CMS.example.org:8443', '/api/media')).toBe(200)
    expect(await at(gateway, 'media.example.org', '/api/media')).toBe(404)
    expect(await at(gateway, 'xcms.example.org', '/api/media')).toBe(404)
    expect(await at(gateway, 'cms-example.org', '/api/media')).toBe(404)
    expect(await at(gateway, 'cms.example.org', '/health/live')).toBe(200)
    for (const [host, form, status] of [
      ['CMS.example.org:8443', 'cms', 405],
      ['media.example.org', 'ours', 404],
    ] as const) {
      const refused = await ask(gateway, '/api/media', { host, method: 'PATCH' })
      expect([host, refused.status, formOf(refused)]).toEqual([host, status, form])
      const unreadable = await ask(gateway, '/api/media/%ZZ', { host })
      expect([host, unreadable.status, formOf(unreadable)]).toEqual([host, 400, form])
    }
    // A target in absolute form says itself which host is asked (RFC 9112, 3.2.2).
    expect(await at(gateway, 'media.example.org', 'http://cms.example.org/api/media')).toBe(200)
    expect(await at(gateway, 'cms.example.org', 'http://media.example.org/api/media')).toBe(404)
    expect((await documentOf(gateway, 'cms')).servers).toEqual([{ url: 'https://cms.example.org' }])
    expect((await fetch(`${gateway.url}/openapi/vonage.json`)).status).toBe(404)
  } finally {
    await gateway.close()
  }
})

test('a facade is there below its own prefix alone', async () => {
  const gateway = await startApp({ FACADES: 'cms/old/cms' })
  try {
    expect(await at(gateway, 'x', '/old/cms/api/media')).toBe(200)
    expect(await at(gateway, 'x', '/api/media')).toBe(404)
    for (const [prefix, form, status] of [
      ['/old/cms', 'cms', 405],
      ['/old', 'ours', 404],
      ['', 'ours', 404],
    ] as const) {
      const refused = await ask(gateway, `${prefix}/api/media`, { method: 'PATCH' })
      expect([prefix, refused.status, formOf(refused)]).toEqual([prefix, status, form])
      expect(formOf(await ask(gateway, `${prefix}/api/media/%ZZ`))).toBe(form)
    }
    expect(formOf(await ask(gateway, '/old/cms/x'))).toBe('ours')
    expect((await documentOf(gateway, 'cms')).servers).toEqual([{ url: `${gateway.url}/old/cms` }])
  } finally {
    await gateway.close()
  }
})

test('what is switched off is not there', async () => {
  const gateway = await startApp({ FACADES: 'off' })
  try {
    for (const path of ['/v3/media', '/api/v2/users/acme/media', '/api/media', '/api/v3/medias'])
      expect([path, await at(gateway, 'x', path)]).toEqual([path, 404])
  } finally {
    await gateway.close()
  }
})
