import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { isPublicAddress } from '../../src/platform/net/address-scope.ts'
import { allowedPlaces } from '../../src/platform/net/allowed-places.ts'
import { type Address, Outgoing } from '../../src/platform/net/outgoing.ts'
import { PRIVATE_SPELLINGS } from '../support/private-addresses.ts'

let canary: Server
let port: number
let connections: Socket[]
let answer: { status: number; location?: string; body?: string; silent?: boolean }
let received: { url?: string; headers: Record<string, unknown> }[]

/** Listens on every address of this machine: a connection from anywhere is seen. */
beforeAll(async () => {
  canary = createServer((request, response) => {
    received.push({ url: request.url, headers: request.headers })
    if (answer.silent) return
    const location = answer.location && { location: answer.location }
    response.writeHead(answer.status, { ...location }).end(answer.body)
  })
  canary.on('connection', socket => connections.push(socket))
  canary.listen(0, '::')
  await once(canary, 'listening')
  port = (canary.address() as AddressInfo).port
})
afterAll(() => {
  canary.close()
  canary.closeAllConnections()
})
beforeEach(() => {
  connections = []
  received = []
  answer = { status: 200, body: 'canary' }
})

type Lookup = (name: string) => Promise<readonly Address[]>
const at =
  (...addresses: string[]): Lookup =>
  async () =>
    addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))

function outgoing(places: string, lookup?: Lookup): Outgoing {
  const parsed = allowedPlaces(places)
  if (!('value' in parsed) || !parsed.value) throw new Error(`${places} are no places`)
  return new Outgoing({ places: parsed.value, lookup, silenceMs: 1_000, userAgent: 'test' })
}

const refusal = (it: Outgoing, url: string, redirects = 5) =>
  it.open({ url, redirects }).then(
    response => {
      response.destroy()
      return 'fetched'
    },
    error => error.code,
  )

test.each(PRIVATE_SPELLINGS)('http://%s is never connected to', async host => {
  // Allowed by its name at this port: what refuses it is the address.
  const open = outgoing(`public, localhost:${port}, printer.localhost:${port}, *.test:${port}`)
  expect(['URL_NOT_ALLOWED', 'FETCH_FAILED']).toContain(await refusal(open, `http://${host}:${port}/x`))
  const anyPort = outgoing('public')
  expect(['URL_NOT_ALLOWED', 'FETCH_FAILED']).toContain(await refusal(anyPort, `http://${host}/x`))
  expect(connections).toHaveLength(0)
})

test.each([
  [`it has a user name`, `http://user@example.test/`],
  ['it has a password', 'http://:secret@example.test/'],
  ['another scheme', 'ftp://example.test/'],
  ['a file', 'file:///etc/passwd'],
  ['data', 'data:text/plain,x'],
  ['another port', 'http://example.test:22/'],
  ['no absolute URL', '/etc/passwd'],
  ['nothing', ''],
  ['a long one', `http://example.test/${'x'.repeat(3000)}`],
])('a URL is refused without a look-up: %s', async (_why, url) => {
  const asked: string[] = []
  const lookup: Lookup = async name => {
    asked.push(name)
    return []
  }
  expect(await refusal(outgoing('public', lookup), url)).toBe('URL_NOT_ALLOWED')
  expect(asked).toEqual([])
})

test('a name that also has a forbidden address is refused', async () => {
  const open = outgoing(`example.test:${port}`, at('93.184.215.14', '127.0.0.1'))
  expect(await refusal(open, `http://example.test:${port}/`)).toBe('URL_NOT_ALLOWED')
  expect(connections).toHaveLength(0)
})

test('a name that changes its address is looked up once, and the first answer holds', async () => {
  let asked = 0
  // TEST-NET would be refused; what is public here leads nowhere, and must be what is connected to.
  const lookup: Lookup = async () => [{ address: asked++ === 0 ? '240.0.0.1' : '127.0.0.1', family: 4 }]
  const open = outgoing(`flip.test:${port}, 240.0.0.0/4`, lookup)
  expect(await refusal(open, `http://flip.test:${port}/`)).toBe('FETCH_FAILED')
  expect(asked).toBe(1)
  expect(connections).toHaveLength(0)
})

test('a redirect begins anew: what it leads to is checked like the first URL', async () => {
  const open = outgoing(`friend.test:${port}, 127.0.0.9/32`, at('127.0.0.9'))
  for (const location of [
    `http://127.0.0.1:${port}/`,
    `//localhost:${port}/`,
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'http://user@friend.test/',
  ]) {
    answer = { status: 302, location }
    expect(await refusal(open, `http://friend.test:${port}/`)).toBe('URL_NOT_ALLOWED')
  }
  expect(received.map(({ headers }) => headers.host)).toEqual(Array(5).fill(`friend.test:${port}`))
})

test('redirects end', async () => {
  const open = outgoing('127.0.0.1/32')
  answer = { status: 302, location: `http://127.0.0.1:${port}/again` }
  expect(await refusal(open, `http://127.0.0.1:${port}/`, 3)).toBe('FETCH_FAILED')
  expect(received).toHaveLength(4)
})

test('what is allowed is fetched, by a request that carries nothing of the client', async () => {
  const open = outgoing(`friend.test:${port}, 127.0.0.0/8`, at('127.0.0.1'))
  const response = await open.open({ url: `http://friend.test:${port}/picture?size=1`, redirects: 5 })
  expect(await text(response)).toBe('canary')
  expect(received[0]?.url).toBe('/picture?size=1')
  expect(Object.keys(received[0]?.headers ?? {}).sort()).toEqual([
    'accept',
    'accept-encoding',
    'connection',
    'host',
    'user-agent',
  ])
})

test('a silent server is given up, and a caller that gives up is told its own reason', async () => {
  answer = { status: 200, silent: true }
  const open = outgoing('127.0.0.1/32')
  expect(await refusal(open, `http://127.0.0.1:${port}/`)).toBe('FETCH_FAILED')
  const reason = new Error('enough')
  const signal = AbortSignal.any([AbortSignal.abort(reason)])
  await expect(open.open({ url: `http://127.0.0.1:${port}/`, redirects: 0, signal })).rejects.toBe(reason)
})

test.each([
  ['8.8.8.8', true],
  ['100.64.0.1', false],
  ['172.15.0.1', true],
  ['172.16.0.1', false],
  ['192.0.2.1', false],
  ['255.255.255.255', false],
  ['2606:4700::1111', true],
  ['2001:db8::1', false],
  ['fd00::1', false],
  ['4000::1', false],
  ['::1', false],
  ['2606:4700::1111%eth0', false],
  ['example.com', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected)
})

test.each([
  ['off', null],
  ['public', { everyName: true, names: [], networks: [] }],
  [
    'CDN.example.com, *.images.test:8443, 10.0.0.0/8, fd00::/8',
    {
      everyName: false,
      names: [
        { pattern: 'cdn.example.com', port: null },
        { pattern: '*.images.test', port: 8443 },
      ],
      networks: ['10.0.0.0/8', 'fd00::/8'],
    },
  ],
])('places are read: %s', (input, value) => {
  expect(allowedPlaces(input)).toEqual({ value })
})

test.each([
  '',
  ' , ',
  'http://example.com',
  'a b',
  'host:0',
  'host:99999',
  '10.0.0.0/33',
  '10.0.0.1:8080',
  '*',
  '-x.com',
])('places are refused: "%s"', input => {
  expect(allowedPlaces(input)).toHaveProperty('allowed')
})
