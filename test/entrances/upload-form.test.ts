import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import { decimal, givenIn, time } from '../../src/entrances/facades/forms/given.ts'
import { readFields } from '../../src/entrances/facades/forms/read-fields.ts'
import { uploadForm } from '../../src/entrances/facades/forms/upload-form.ts'
import { renderError } from '../../src/entrances/http/render-error.ts'
import { lingerOverUnreadBodies } from '../../src/entrances/http/unread-bodies.ts'

/** What became of the last upload, told when it is over. */
let came: { resolve: (outcome: unknown) => void; promise: Promise<unknown> }
let server: FastifyInstance
let url: string

beforeAll(async () => {
  server = Fastify()
  lingerOverUnreadBodies(server)
  server.setErrorHandler((error, request, reply) => renderError(error, request, reply))
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, _payload, done) => done(null))
  server.post('/upload', async request => {
    try {
      const { fields, file } = await uploadForm(request, 'file', 1_000_000)
      const before = Object.fromEntries(fields)
      let size = 0
      for await (const chunk of file?.body ?? []) size += (chunk as Buffer).length
      const outcome = { before, after: Object.fromEntries(fields), size, name: file?.fileName }
      came.resolve(outcome)
      return outcome
    } catch (error) {
      came.resolve(error)
      throw error
    }
  })
  server.post('/give-up', async request => {
    const { file } = await uploadForm(request, 'file')
    file?.body.destroy()
    return { given: 'up' }
  })
  server.put('/fields', async request => Object.fromEntries(await readFields(request)))
  url = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => server.close())
beforeEach(() => {
  came = Promise.withResolvers()
})

const form = (...parts: [string, string | Blob, string?][]) => {
  const body = new FormData()
  for (const [name, value, fileName] of parts) {
    if (typeof value === 'string') body.append(name, value)
    else body.append(name, value, fileName)
  }
  return body
}
const post = async (path: string, body: BodyInit, headers?: Record<string, string>) => {
  const answer = await fetch(url + path, { method: 'POST', body, headers })
  // biome-ignore lint/suspicious/noExplicitAny: answers of two shapes.
  return { status: answer.status, body: (await answer.json()) as any }
}

test('fields are known when the file has ended, wherever they stand', async () => {
  const { body } = await post('/upload', form(['a', '1'], ['file', new Blob(['text']), 'ü.txt'], ['b', '2']))
  expect(body).toMatchObject({ before: { a: '1' }, after: { a: '1', b: '2' }, size: 4, name: 'ü.txt' })
})

test('fields that come twice are a list', async () => {
  const { body } = await post('/upload', form(['tag', 'x'], ['tag', 'y'], ['tag', 'z']))
  expect(body.after).toEqual({ tag: ['x', 'y', 'z'] })
})

test('a file goes through in bounded pieces, whole', async () => {
  const bytes = Buffer.alloc(900_000, 'abcdefg')
  const { body } = await post('/upload', form(['file', new Blob([bytes]), 'a']))
  expect(body.size).toBe(900_000)
})

test.each([
  ['a file in another field', form(['files', new Blob(['x']), 'a']), 'FILE_MISSING'],
  ['a second file', form(['file', new Blob(['x']), 'a'], ['file', new Blob(['y']), 'b']), 'BAD_REQUEST'],
  ['a field that is too long', form(['a', 'x'.repeat(2 ** 20 + 1)]), 'PAYLOAD_TOO_LARGE'],
  [
    'too many fields',
    form(...Array.from({ length: 101 }, (_, i): [string, string] => [`f${i}`, ''])),
    'PAYLOAD_TOO_LARGE',
  ],
  [
    'a field that is too long, behind the file',
    form(['file', new Blob(['x']), 'a'], ['b', 'x'.repeat(2 ** 20 + 1)]),
    'PAYLOAD_TOO_LARGE',
  ],
])('%s is refused', async (_, body, code) => {
  const answer = await post('/upload', body)
  expect([answer.status < 500, answer.body.error.code]).toEqual([true, code])
})

test.each([
  ['no boundary', 'x', 'multipart/form-data', 'BAD_REQUEST'],
  ['another boundary', '--y\r\n\r\n--y--', 'multipart/form-data; boundary=x', 'BAD_REQUEST'],
  [
    'a form without an end',
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    'multipart/form-data; boundary=x',
    'BAD_REQUEST',
  ],
  ['a part without a header', '--x\r\n\r\nabc\r\n--x--', 'multipart/form-data; boundary=x', 'BAD_REQUEST'],
  ['no form', 'abc', 'text/plain', 'UNSUPPORTED_MEDIA_TYPE'],
])('%s is refused', async (_, body, type, code) => {
  const answer = await post('/upload', body, { 'content-type': type })
  if (answer.status === 200) expect(answer.body).toEqual({ before: {}, after: {}, size: 0 })
  else expect([answer.status, answer.body.error.code]).toEqual([code === 'BAD_REQUEST' ? 400 : 415, code])
})

test('a form that is longer than its file may be is refused by its length', async () => {
  const answer = await post('/upload', form(['file', new Blob([Buffer.alloc(2_100_000)]), 'a']))
  expect([answer.status, answer.body.error.code]).toEqual([413, 'FILE_TOO_LARGE'])
})

test('a connection that breaks off within the file breaks the file off', async () => {
  const { port } = server.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n' +
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbeginning',
    () => socket.destroy(),
  )
  expect(await came.promise).toMatchObject({ code: 'ECONNRESET' })
})

test('who gives the file up can answer at once', async () => {
  const { status, body } = await post('/give-up', form(['file', new Blob([Buffer.alloc(3_000_000)]), 'a']))
  expect([status, body]).toEqual([200, { given: 'up' }])
})

describe('fields without a file', () => {
  const put = async (body: BodyInit | undefined, type?: string) => {
    const answer = await fetch(`${url}/fields`, {
      method: 'PUT',
      body,
      headers: type ? { 'content-type': type } : {},
    })
    return [answer.status, await answer.json()]
  }

  test('come as JSON, urlencoded or as a form', async () => {
    expect(await put('{"a":1,"b":null}', 'application/json; charset=utf-8')).toEqual([200, { a: 1, b: null }])
    expect(await put('a=1&b=x+y&b=%C3%BC', 'application/x-www-form-urlencoded')).toEqual([
      200,
      { a: '1', b: ['x y', 'ü'] },
    ])
    expect(await put(form(['a', '1']))).toEqual([200, { a: '1' }])
    expect(await put(undefined)).toEqual([200, {}])
  })

  test.each([
    ['[1]', 'application/json', 400],
    ['null', 'application/json', 400],
    ['{', 'application/json', 400],
    ['x', 'text/plain', 415],
    ['x'.repeat(2 ** 20 + 1), 'application/x-www-form-urlencoded', 413],
    // Each of these once cost a copy of all that came before it.
    ['a&'.repeat(2 ** 19), 'application/x-www-form-urlencoded', 413],
    [`${'a&'.repeat(100)}a`, 'application/x-www-form-urlencoded', 413],
  ])('are refused otherwise', async (body, type, status) => {
    expect((await put(body, type))[0]).toBe(status)
  })

  test('are 100 at most, of one name or of many', async () => {
    const type = 'application/x-www-form-urlencoded'
    const [status, { a }] = await put(Array(100).fill('a=1').join('&'), type)
    expect([status, a.length]).toEqual([200, 100])
  })

  test('a file among them is refused', async () => {
    expect((await put(form(['a', new Blob(['x']), 'x'])))[0]).toBe(400)
  })

  test('names of prototypes are names like others', async () => {
    const answer = await fetch(`${url}/fields`, {
      method: 'PUT',
      body: '{"__proto__":{"x":1},"constructor":2}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await answer.text()).toContain('"constructor":2')
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })
})

describe('values of forms', () => {
  const said = (read: typeof time | typeof decimal, value: string) => read(givenIn({ value }), 'value')

  test('a time that is taken is the one that was written', () => {
    const two = (n: number) => String(n).padStart(2, '0')
    const written = fc.record({
      year: fc.integer({ min: 0, max: 9999 }),
      month: fc.integer({ min: 0, max: 13 }),
      day: fc.integer({ min: 0, max: 32 }),
      clock: fc.constantFrom(
        '',
        'T00:00',
        'T12:34:56Z',
        'T23:59:59.999+14:00',
        'T00:00:00-1200',
        'T24:00:00Z',
      ),
    })
    let taken = 0
    fc.assert(
      fc.property(written, ({ year, month, day, clock }) => {
        const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
        let read: Date | null | undefined
        try {
          read = said(time, date + clock) as Date
        } catch {
          const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
          expect([date, isDay]).toEqual([date, false])
          return
        }
        taken++
        const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):?(\d\d)$/.exec(clock) ?? []
        const offset = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000
        const hour = clock.startsWith('T24') ? 24 * 3600_000 : 0
        const local = new Date(read.getTime() + offset - hour)
        expect(local.toISOString().slice(0, 10)).toBe(date)
      }),
      { numRuns: 2_000 },
    )
    expect(taken).toBeGreaterThan(1_000)
  })

  test.each([
    '2020-02-31',
    '2020-01-00',
    '2021-02-29',
    '1900-02-29T00:00:00Z',
    '2030-04-31T23:59:59+02:00',
    '2020-02-30T24:00:00Z',
    '2020-02-31T00:00:00+0200',
  ])('%s is no day', value => {
    expect(() => said(time, value)).toThrow('value is a time of ISO 8601')
  })

  test.each([
    ['2020-02-29', '2020-02-29T00:00:00.000Z'],
    ['2000-02-29T24:00:00Z', '2000-03-01T00:00:00.000Z'],
    ['2020-03-01T00:00:00 02:00', '2020-02-29T22:00:00.000Z'],
  ])('%s is a time', (value, expected) => {
    expect(said(time, value)).toEqual(new Date(expected))
  })

  test('every finite number is taken as programs print it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), number => {
        for (const text of [String(number), number.toExponential(), number.toPrecision(21)])
          expect(said(decimal, text)).toBe(Number(text))
      }),
    )
    for (const text of ['.5', '-.5', '5.', '+1.5', ' 1.5', '1e-7', '1E 2', `0.${'1'.repeat(100)}`])
      expect(said(decimal, text)).toBe(Number(text.replace(' ', text.startsWith(' ') ? '' : '+')))
  })

  test.each(['.', '1e', 'e5', '0x10', '1e400', 'Infinity', 'NaN', '1,5', '0'.repeat(401), '--1'])(
    '%s is no number',
    value => {
      expect(() => said(decimal, value)).toThrow('value is a number')
    },
  )
})

const daysIn = (year: number, month: number) =>
  month === 2
    ? 28 + Number((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0)
    : 30 + Number([1, 3, 5, 7, 8, 10, 12].includes(month))
