import { readdir, readlink } from 'node:fs/promises'
import { request } from 'node:http'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { multipart } from '../support/gql.ts'

const LIMIT = 1 << 20

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp(
    { MAX_UPLOAD_BYTES: String(LIMIT), MAX_UPLOAD_FILES: '3' },
    { sharesTempFolder: true },
  )
})
afterAll(() => gateway.close())

const UPLOAD = `mutation U($file: Upload!) { uploadMedia(input: { file: $file }) { media { size } userErrors { code } } }`

async function post(body: FormData, headers: Record<string, string> = {}) {
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'apollo-require-preflight': 'true', ...headers },
    body,
  })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

const form = (bytes: Uint8Array, query = UPLOAD, variables: Record<string, unknown> = { file: null }) =>
  multipart(query, variables, { 'variables.file': { bytes } })

/** Files that this process holds open below the gateway's data folder. */
async function openFiles(): Promise<string[]> {
  const fds = await readdir('/proc/self/fd')
  const targets = await Promise.all(fds.map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return targets.filter(target => target.startsWith(gateway.dataDir))
}

async function nothingIsLeft(): Promise<void> {
  const until = Date.now() + 30_000
  let left: string[] = ['not looked yet']
  while (left.length > 0 && Date.now() < until) {
    const { awaitingReaper } = await gateway.app.doctor.examine({ quick: true })
    left = [
      ...(await readdir(gateway.tempFolder)),
      ...(await gateway.storedNames()),
      ...(await openFiles()),
      ...(awaitingReaper > 0 ? ['a blob row'] : []),
    ]
    if (left.length > 0) await new Promise(resolve => setImmediate(resolve))
  }
  expect(left).toEqual([])
}

describe('the size limit', () => {
  afterEach(nothingIsLeft)

  test('a file beyond it is refused while it streams, with the limit in the error', async () => {
    const { media, userErrors } = await gateway.upload({ bytes: Buffer.alloc(LIMIT + 1) })
    expect(media).toBeNull()
    expect(userErrors).toMatchObject([
      { __typename: 'FileTooLargeError', code: 'FILE_TOO_LARGE', limit: LIMIT, actual: null },
    ])
  })

  test('a file far beyond it is refused, too', async () => {
    const { userErrors } = await gateway.upload({ bytes: Buffer.alloc(20 * LIMIT) })
    expect(userErrors).toMatchObject([{ code: 'FILE_TOO_LARGE' }])
  })

  test('an upload that would never end is cut off soon after its answer', async () => {
    const closed = Promise.withResolvers<number>()
    const head = `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query: UPLOAD, variables: { file: null } })}\r\n--x\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.file"]}\r\n--x\r\nContent-Disposition: form-data; name="0"; filename="endless"\r\n\r\n`
    let sent = 0
    const upload = request(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: ADMIN,
        'apollo-require-preflight': 'true',
        'content-type': 'multipart/form-data; boundary=x',
      },
    })
    upload.on('error', () => undefined)
    upload.on('close', () => closed.resolve(sent))
    const answered = new Promise<number | undefined>(resolve =>
      upload.on('response', response => resolve(response.resume().statusCode)),
    )
    upload.write(head)
    const chunk = Buffer.alloc(64 * 1024)
    const more = () => {
      while (!upload.destroyed && upload.write(chunk)) sent += chunk.length
    }
    upload.on('drain', more)
    more()
    expect(await answered).toBe(200)
    await closed.promise
  })
})

test('a file of exactly the limit is taken', async () => {
  const { media, userErrors } = await gateway.upload({ bytes: Buffer.alloc(LIMIT) })
  expect(userErrors).toEqual([])
  expect(media.size).toBe(LIMIT)
  await gateway.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, {
    id: media.id,
  })
  // Out of the trash, so that the next tests find an empty store.
  await gateway.app.foundation.database.query(
    `UPDATE media SET deleted_at = now() - interval '31 days', purge_at = now()`,
  )
  expect(await gateway.app.trash.empty()).toBe(1)
  expect((await gateway.app.reaper.run()).removed).toBe(1)
})

const ROUNDS = countOf({ daily: 5, thorough: 20 })

describe(`an upload that fails before its file is read leaves nothing: ${ROUNDS * 10} times`, () => {
  const bytes = Buffer.alloc(200_000, 1)
  const many = async (one: () => Promise<{ status: number }>, status: number) => {
    for (let i = 0; i < ROUNDS; i++) {
      const answers = await Promise.all(Array.from({ length: 10 }, one))
      expect(answers.map(answer => answer.status)).toEqual(Array(10).fill(status))
    }
    await nothingIsLeft()
  }

  test('with a bad token', () =>
    many(() => post(form(bytes), { authorization: 'Bearer mgw_root_wrong' }), 401))
  test('with an unknown field', () => many(() => post(form(bytes, UPLOAD.replace('size', 'sise'))), 400))
  test('with a variable of a wrong type', () =>
    many(
      () =>
        post(
          form(bytes, UPLOAD.replace('$file: Upload!', '$file: Upload!, $n: Int'), { file: null, n: 'x' }),
        ),
      400,
    ))
  test('with a missing variable', () =>
    many(() => post(form(bytes, UPLOAD.replace('$file: Upload!', '$file: Upload!, $n: Int!'))), 400))
  test('with a mutation that does not use the file', () =>
    many(() => post(form(bytes, '{ viewer { account } }')), 200))
  test('with no preflight header', () =>
    many(() => post(form(bytes), { 'apollo-require-preflight': '' }), 400))
})

interface Answer {
  readonly data?: { uploadMedia: { userErrors: { code: string }[] } }
  readonly errors?: { extensions: { code: string } }[]
}

describe('a multipart request that is not one', () => {
  const raw = async (body: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: ADMIN,
        'apollo-require-preflight': 'true',
        'content-type': 'multipart/form-data; boundary=x',
        ...headers,
      },
      body,
    })
    return { status: answer.status, body: (await answer.json()) as Answer }
  }
  const part = (name: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

  test.each([
    ['is empty', ''],
    ['has no operations', `${part('map', '{}')}--x--\r\n`],
    ['has operations that are no JSON', `${part('operations', '{')}--x--\r\n`],
    ['has a map that is no object', `${part('operations', '{}') + part('map', '[]')}--x--\r\n`],
    [
      'has a map that reaches for the prototype',
      `${part('operations', '{}') + part('map', '{"0":["__proto__.polluted"]}')}--x--\r\n`,
    ],
    [
      'has a map that reaches for the constructor',
      `${part('operations', '{}') + part('map', '{"0":["constructor.prototype.polluted"]}')}--x--\r\n`,
    ],
    ['ends in the middle', part('operations', JSON.stringify({ query: UPLOAD }))],
    [
      'names a file that it does not carry',
      `${part('operations', JSON.stringify({ query: UPLOAD, variables: { file: null } })) + part('map', '{"0":["variables.file"]}')}--x--\r\n`,
    ],
  ])('that %s is a client error', async (_, body) => {
    const answer = await raw(body)
    const code =
      answer.body.errors?.[0]?.extensions?.code ?? answer.body.data?.uploadMedia.userErrors[0]?.code
    expect([answer.status, code]).toEqual(
      expect.arrayContaining([expect.stringMatching(/BAD_REQUEST|FILE_MISSING/)]),
    )
    expect(answer.status).toBeLessThan(500)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('that has no boundary is a client error', async () => {
    expect((await raw('x', { 'content-type': 'multipart/form-data' })).status).toBe(400)
  })

  test('with too many files is refused', async () => {
    const files = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map(key => [`variables.${key}`, { bytes: Buffer.from('x') }]),
    )
    const answer = await post(multipart('{ viewer { account } }', {}, files))
    expect(answer).toMatchObject({
      status: 413,
      body: { errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] },
    })
  })
})
