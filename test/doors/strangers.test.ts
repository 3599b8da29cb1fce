import { ADMIN, FOREIGN, type TestApp } from '../support/app.ts'
import { ticketFor } from '../support/tickets.ts'
import { DOORS } from './doors.ts'
import { type RefusedCode, refusalAt } from './expectation.ts'
import { type OpenSite, startSite } from './start-site.ts'
import { TUS } from './tus-client.ts'
import { exchange, type Message, multipartBody } from './wire.ts'

let gateway: TestApp
let site: OpenSite
let readOnly: string
let mediaId: string
beforeAll(async () => {
  site = await startSite()
  gateway = site.gateway
  const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['media:read'] })
  readOnly = `Bearer mgw_${key.id}_${secret}`
  mediaId = (await gateway.upload({ bytes: Buffer.from('acme') })).media.id
})
afterAll(() => site.close())

/** Rows and bytes of everything that an upload could make; `before.txt` is what a test lays out for itself. */
const traces = () =>
  gateway.app.foundation.database.query(
    `SELECT (SELECT count(*)::int FROM media WHERE original_file_name <> 'before.txt') AS media,
       (SELECT count(*)::int FROM blob WHERE size IS DISTINCT FROM 6) AS blobs,
       (SELECT count(*)::int FROM upload_ticket) AS tickets, (SELECT count(*)::int FROM tus_upload) AS uploads`,
  )

describe('at every door is refused, and leaves no row and no bytes,', () => {
  test.each([
    ['who has no credential', () => null, 'UNAUTHENTICATED'],
    ['who has a bad one', () => 'Bearer mgw_root_wrong', 'UNAUTHENTICATED'],
    ['who may only read', () => readOnly, 'FORBIDDEN'],
  ] satisfies [string, () => string | null, RefusedCode][])('%s', async (_, authorization, code) => {
    for (const door of DOORS) {
      const before = await traces()
      const came = await door.send(
        { ...site, authorization: authorization() },
        { bytes: Buffer.alloc(10_000), fileName: 'x' },
      )
      const expected = refusalAt(door, { code, field: null, of: 'said' })
      expect([door.name, came]).toEqual([door.name, { refusal: expected }])
      expect([door.name, await traces()]).toEqual([door.name, before])
    }
  })
})

describe('a form of another site triggers nothing, even with the credential that a browser adds, at', () => {
  const posts = [...new Set(DOORS.flatMap(({ uses }) => uses))].filter(way => way.startsWith('POST '))

  const upload = 'mutation($f: Upload!) { uploadMedia(input: { file: $f }) { userErrors { code } } }'
  const form = multipartBody(
    { query: upload, variables: { f: null } },
    { path: 'variables.f', bytes: Buffer.from('x') },
  )
  const query = `mutation { createUpload(input: {}) { ticket { id } } importMedia(input: { url: "http://127.0.0.1:9/" }) { media { id } } }`

  test.each([...posts, 'POST /graphql/stream'])('%s', async way => {
    const { putUrl } = await ticketFor(gateway)
    const id = await beginUpload(way.includes('tickets') ? putUrl : `${gateway.url}/uploads`)
    const url = `${gateway.url}${way.slice('POST '.length)}`
      .replace(`${gateway.url}/uploads/tickets/:ticket`, putUrl)
      .replace(':id', id)
    const before = await traces()
    for (const [type, body] of [
      ['text/plain', [Buffer.from(JSON.stringify({ query }))]],
      ['application/x-www-form-urlencoded', [Buffer.from(new URLSearchParams({ query }).toString())]],
      [form.type, form.body],
    ] as const) {
      const reply = await exchange({
        method: 'POST',
        url,
        headers: { authorization: ADMIN, origin: 'https://evil.example', 'content-type': type },
        body,
      })
      expect([type, Math.floor((reply?.status ?? 0) / 100)]).toEqual([type, 4])
      expect(await traces()).toEqual(before)
    }
  })
})

async function beginUpload(url: string, authorization = ADMIN): Promise<string> {
  const headers = { authorization, ...TUS, 'upload-length': '3' }
  const reply = await exchange({ method: 'POST', url, headers })
  return reply?.headers.location?.split('/').at(-1) ?? ''
}

describe("what is another account's is answered as what never was:", () => {
  const NEVER = '01890000-0000-7000-8000-000000000000'

  /** The answer, but for what differs from request to request. */
  const answerTo = async (message: Omit<Message, 'url'> & { path: string }) => {
    const { path, headers, ...rest } = message
    const reply = await exchange({
      ...rest,
      url: gateway.url + path,
      headers: { authorization: FOREIGN, 'apollo-require-preflight': 'true', ...headers },
    })
    return [reply?.status, reply?.text.replace(/"requestId":"[^"]*"/, '')]
  }
  const operation = (field: string, input: object) => {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
    const query = `mutation M($input: ${type}!) { ${field}(input: $input) { userErrors { code message field } } }`
    return answerTo({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: [Buffer.from(JSON.stringify({ query, variables: { input } }))],
    })
  }
  const piece = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
  const tus = (method: string, headers: object) => (id: string) =>
    answerTo({
      method,
      path: `/uploads/${id}`,
      headers: { ...TUS, ...headers },
      body: method === 'DELETE' ? [] : [Buffer.from('abc')],
    })

  test.each([
    ['a media to replace by file', (id: string) => replaceByFile(id), () => mediaId, 200],
    ['a media to replace by ticket', (id: string) => replaceByTicket(id), () => mediaId, 200],
    [
      'a media to give a ticket for',
      (id: string) => operation('createUpload', { replaces: { id } }),
      () => mediaId,
      200,
    ],
    ['a ticket to complete', (id: string) => operation('completeUpload', { id }), () => annasTicket(), 200],
    ['a ticket to replace by', (id: string) => replaceOwn(id), () => annasTicket(), 200],
    ['an upload to ask for', tus('HEAD', {}), () => annasUpload(), 404],
    ['an upload to go on with', tus('PATCH', piece), () => annasUpload(), 404],
    [
      'an upload to go on with, in disguise',
      tus('POST', { ...piece, 'x-http-method-override': 'PATCH' }),
      () => annasUpload(),
      404,
    ],
    ['an upload to give up', tus('DELETE', {}), () => annasUpload(), 404],
    ['an upload to make a part of another', (id: string) => joined(id), () => annasUpload(), 400],
  ])('%s', async (_, ask, idOf, status) => {
    const there = await ask(await idOf())
    const missing = await ask(NEVER)
    expect(there).toEqual(missing)
    expect(there[0]).toBe(status)
    if (status === 200) expect(there[1]).toContain('NOT_FOUND')
  })

  const annasTicket = async () => (await ticketFor(gateway)).id
  const annasUpload = () => beginUpload(`${gateway.url}/uploads`)
  const joined = (id: string) =>
    answerTo({
      method: 'POST',
      path: '/uploads',
      headers: { ...TUS, 'upload-concat': `final;/uploads/${id}` },
    })
  const replaceByFile = (id: string) => {
    const query =
      'mutation M($input: ReplaceMediaContentInput!) { replaceMediaContent(input: $input) { userErrors { code message field } } }'
    const { type, body } = multipartBody(
      { query, variables: { input: { id, file: null } } },
      { path: 'variables.input.file', bytes: Buffer.from('x') },
    )
    return answerTo({ method: 'POST', path: '/graphql', headers: { 'content-type': type }, body })
  }
  const replaceByTicket = async (id: string) => {
    const { id: ticketId, putUrl } = await ticketFor(gateway.as(FOREIGN))
    await exchange({ method: 'PUT', url: putUrl, body: [Buffer.from('x')] })
    return operation('replaceMediaContent', { id, ticketId })
  }
  const replaceOwn = async (ticketId: string) => {
    const { media } = await gateway.as(FOREIGN).upload({ bytes: Buffer.from('own') })
    return operation('replaceMediaContent', { id: media.id, ticketId })
  }

  test('the URL of a ticket, at every method', async () => {
    const { putUrl } = await ticketFor(gateway)
    const forged = putUrl.slice(gateway.url.length, -3)
    const never = `/uploads/tickets/${NEVER}.test.AAAA`
    const headers = { ...TUS, 'upload-length': '1' }
    for (const method of ['PUT', 'POST']) {
      const there = await answerTo({ method, path: `${forged}AAA`, headers })
      expect([method, there]).toEqual([method, await answerTo({ method, path: never, headers })])
      expect([method, there[0]]).toEqual([method, 404])
    }
  })
})
