import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  ApiController,
  ApiError,
  ArgumentsValidationError,
  Client,
  Environment,
  FileWrapper,
} from '@bandwidth/messaging'
import { Configuration, MediaApi } from 'bandwidth-sdk'
import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { seedMedia } from '../support/seed.ts'

// Both clients of Bandwidth for Node, as they are published: nothing but base URL and credentials is set.

const TOO_LARGE = 3_932_161
const ACCOUNT = 'acme'
const photo = fixture('photo.png')

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const basePath = () => `${gateway.url}/api/v2`
const SECRET = 'secretsecretsecret'

/** A gateway that takes no more than two requests an hour of one credential. */
const HTML = '<!doctype html><p>'

/** A gateway that takes two requests, and no HTML. */
async function impatient() {
  const { url, ...node } = await gateway.beside({
    RATE_LIMIT: 'key=2/h',
    TYPE_RULES: 'type:text/html=refuse',
  })
  return { basePath: `${url}/api/v2`, [Symbol.asyncDispose]: () => node.close() }
}

describe('bandwidth-sdk', () => {
  const withBasic = (password = SECRET) =>
    new MediaApi(new Configuration({ username: 'root', password, basePath: basePath() }))
  const withToken = (accessToken = `mgw_root_${SECRET}`) =>
    new MediaApi(new Configuration({ accessToken, basePath: basePath() }))
  const raw = { responseType: 'arraybuffer' } as const
  const refusalOf = async (answer: Promise<unknown>) => {
    const error = await answer.then(
      () => null,
      each => each,
    )
    return [error?.response?.status, error?.response?.data]
  }

  test.each([
    ['Basic', withBasic],
    ['Bearer', withToken],
  ])('%s: uploads, lists, downloads, overwrites, deletes twice', async (kind, client) => {
    const name = `${kind}/a b+c ü.png`
    const sent = await client().uploadMedia(ACCOUNT, name, photo.bytes() as never, 'image/png', 'max-age=60')
    expect([sent.status, sent.data]).toEqual([204, ''])
    const listed = await client().listMedia(ACCOUNT)
    expect(listed.headers['continuation-token']).toBeUndefined()
    const item = listed.data.find(({ mediaName }) => mediaName === name)
    expect(item).toEqual({ mediaName: name, contentLength: photo.size, content: expect.any(String) })
    const got = await client().getMedia(ACCOUNT, name, raw)
    expect(Buffer.from(got.data as never)).toEqual(photo.bytes())
    expect(got.headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'private, max-age=60' })

    await client().uploadMedia(ACCOUNT, name, '123456' as never, 'text/plain')
    const again = await client().getMedia(ACCOUNT, name)
    // It reads what looks like JSON as JSON.
    expect([again.data, again.headers['cache-control']]).toEqual([123456, 'private, no-cache'])
    expect(again.headers.etag).not.toBe(got.headers.etag)
    const deleted = [await client().deleteMedia(ACCOUNT, name), await client().deleteMedia(ACCOUNT, name)]
    expect(deleted.map(({ status }) => status)).toEqual([204, 204])
  })

  test('a buffer without a type comes as the JSON that it is sent as', async () => {
    await withBasic().uploadMedia(ACCOUNT, 'json', Buffer.from('ab') as never)
    const { data, headers } = await withBasic().getMedia(ACCOUNT, 'json')
    expect(data).toEqual({ type: 'Buffer', data: [97, 98] })
    expect(headers['content-type']).toMatch(/^application\/json/)
    await withBasic().deleteMedia(ACCOUNT, 'json')
  })

  test('reads a list of more than 1000 to its end', async () => {
    const { database } = gateway.app.foundation
    await seedMedia(database, { count: 2_100, columns: { name: `'seeded ' || n`, size: '1' } })
    const names: string[] = []
    let token: string | undefined
    do {
      const { data, headers } = await withBasic().listMedia(ACCOUNT, token)
      names.push(...data.map(({ mediaName }) => mediaName ?? ''))
      token = headers['continuation-token']
    } while (token !== undefined)
    expect(names.sort()).toEqual(Array.from({ length: 2_100 }, (_, i) => `seeded ${i + 1}`).sort())
    await database.query(`DELETE FROM media WHERE name LIKE 'seeded %'`)
  })

  test('is told of every kind of error in the form that it knows', async () => {
    const ours = withBasic()
    const named = (type: string, description: unknown = expect.any(String)) => ({ type, description })
    const denied = [403, named('forbidden', 'Access Denied')]
    const badly = [401, named('unauthorized', 'Authentication Failed')]
    expect(await refusalOf(withBasic('wrong').listMedia(ACCOUNT))).toEqual(badly)
    expect(await refusalOf(withToken('wrong').listMedia(ACCOUNT))).toEqual(badly)
    expect(await refusalOf(ours.listMedia('other'))).toEqual(denied)
    expect(await refusalOf(ours.uploadMedia('other', 'x', 'x' as never, 'text/plain'))).toEqual(denied)
    expect(await refusalOf(ours.getMedia('other', 'x'))).toEqual(denied)
    expect(await refusalOf(ours.deleteMedia('other', 'x'))).toEqual(denied)
    expect(await refusalOf(ours.getMedia(ACCOUNT, 'never was'))).toEqual([404, named('not-found')])
    expect(await refusalOf(ours.listMedia(ACCOUNT, 'no token'))).toEqual([400, named('request-validation')])
    const large = Buffer.alloc(TOO_LARGE) as never
    expect(await refusalOf(ours.uploadMedia(ACCOUNT, 'large', large, 'image/png'))).toEqual([
      413,
      named('payload-too-large'),
    ])
    await using there = await impatient()
    const hasty = new MediaApi(
      new Configuration({ username: 'root', password: SECRET, basePath: there.basePath }),
    )
    const untaken = hasty.uploadMedia(ACCOUNT, 'x', HTML as never, 'text/html')
    expect(await refusalOf(untaken)).toEqual([415, named('unsupported-content-type')])
    await hasty.listMedia(ACCOUNT)
    expect(await refusalOf(hasty.listMedia(ACCOUNT))).toEqual([429, named('too-many-requests')])
  })
})

describe('@bandwidth/messaging', () => {
  const client = (basicAuthPassword = SECRET, baseUrl = basePath()) =>
    new ApiController(
      new Client({
        environment: Environment.Custom,
        baseUrl,
        basicAuthUserName: 'root',
        basicAuthPassword,
      }),
    )
  const file = (...chunks: Buffer[]) => new FileWrapper(Readable.from(chunks))
  const contentOf = async (name: string) => {
    const { result, headers } = await client().getMedia(ACCOUNT, name)
    return { bytes: await buffer(result as Readable), headers }
  }
  const refusalOf = (answer: Promise<unknown>) =>
    answer.then(
      () => null,
      error => error,
    )

  test('uploads in pieces without saying how much, lists, downloads, overwrites, deletes twice', async () => {
    const name = 'pieces/ä 1+2.bin'
    const pieces = [randomBytes(100_000), randomBytes(70_000)]
    const sent = await client().uploadMedia(ACCOUNT, name, file(...pieces), 'audio/mpeg', 'no-cache')
    expect(sent.statusCode).toBe(204)
    const { result, headers } = await client().listMedia(ACCOUNT)
    expect(headers['continuation-token']).toBeUndefined()
    expect(result).toEqual([{ mediaName: name, contentLength: 170_000, content: expect.any(String) }])
    const first = await contentOf(name)
    expect(first.bytes).toEqual(Buffer.concat(pieces))
    expect(first.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'cache-control': 'private, no-cache',
    })

    await client().uploadMedia(ACCOUNT, name, file(Buffer.from('other')))
    const second = await contentOf(name)
    expect(second.bytes.toString()).toBe('other')
    expect(second.headers['content-type']).toBe('application/octet-stream')
    expect((await client().listMedia(ACCOUNT)).result).toHaveLength(1)
    const deleted = [await client().deleteMedia(ACCOUNT, name), await client().deleteMedia(ACCOUNT, name)]
    expect(deleted.map(({ statusCode }) => statusCode)).toEqual([204, 204])
    expect((await client().listMedia(ACCOUNT)).result).toEqual([])
  })

  test('reads a list of more than 1000 to its end', async () => {
    const { database } = gateway.app.foundation
    await seedMedia(database, { count: 1_001, columns: { name: `'seeded ' || n`, size: '1' } })
    const first = await client().listMedia(ACCOUNT)
    const second = await client().listMedia(ACCOUNT, first.headers['continuation-token'])
    expect([first.result.length, second.result.length]).toEqual([1_000, 1])
    expect(second.headers['continuation-token']).toBeUndefined()
    await database.query(`DELETE FROM media WHERE name LIKE 'seeded %'`)
  })

  test('is told of every kind of error in the form that it knows', async () => {
    await using there = await impatient()
    const hasty = client(SECRET, there.basePath)
    const untaken = refusalOf(hasty.uploadMedia(ACCOUNT, 'x', file(Buffer.from(HTML)), 'text/html'))
    await untaken
    await hasty.listMedia(ACCOUNT)
    const large = file(...Array.from({ length: 61 }, () => Buffer.alloc(65_536)))
    const refused: [Promise<unknown>, number, string, string?][] = [
      [
        client().listMedia(ACCOUNT, 'no token'),
        400,
        '400 Request is malformed or invalid',
        'request-validation',
      ],
      [
        client('wrong').listMedia(ACCOUNT),
        401,
        '401 The specified user does not have access to the account',
        'unauthorized',
      ],
      [client().listMedia('other'), 403, '403 The user does not have access to this API', 'forbidden'],
      [client().deleteMedia('other', 'x'), 403, '403 The user does not have access to this API', 'forbidden'],
      // Of what it downloads it reads nothing more.
      [client().getMedia('other', 'x'), 403, '403 The user does not have access to this API'],
      [client().getMedia(ACCOUNT, 'never was'), 404, '404 Path not found'],
      [
        untaken.then(error => Promise.reject(error)),
        415,
        '415 The content-type of the request is incorrect',
        'unsupported-content-type',
      ],
      [client().uploadMedia(ACCOUNT, 'large', large), 413, ''],
      [hasty.listMedia(ACCOUNT), 429, '429 The rate limit has been reached', 'too-many-requests'],
    ]
    for (const [answer, statusCode, message, type] of refused) {
      const error = await refusalOf(answer)
      expect(error).toBeInstanceOf(ApiError)
      expect({ statusCode: error.statusCode, message: error.message }).toEqual({
        statusCode,
        message: expect.stringContaining(message),
      })
      if (type !== undefined) expect(error.result).toEqual({ type, description: expect.any(String) })
    }
    expect(await refusalOf(client().listMedia(5 as never))).toBeInstanceOf(ArgumentsValidationError)
  })

  test('two accounts are two libraries', async () => {
    await client().uploadMedia(ACCOUNT, 'ours', file(Buffer.from('ours')))
    const headers = { authorization: FOREIGN }
    const theirs = await fetch(`${basePath()}/users/other/media`, { headers })
    expect(await theirs.json()).toEqual([])
    await client().deleteMedia(ACCOUNT, 'ours')
  })
})
