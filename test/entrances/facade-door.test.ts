import { request } from 'node:http'
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

/** The status of a GET under another host name. */
const at = (gateway: TestApp, host: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url)
    request({ hostname, port, path, headers: { host, authorization: ADMIN } }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
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
