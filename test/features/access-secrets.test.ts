import { Authenticator } from '../../src/features/access/authenticator.ts'
import { bearerToken, parseAuthorization } from '../../src/features/access/credentials.ts'
import { SecretHashes } from '../../src/features/access/secret-hashes.ts'
import { newSecret } from '../../src/features/access/secrets.ts'
import { Gate } from '../../src/platform/lib/gate.ts'
import { principal } from '../support/principal.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('an Authorization header', () => {
  test.each([
    [basic('a1b2:s3cret'), { keyId: 'a1b2', secret: 's3cret' }],
    [basic('user@example.com:pass:word'), { keyId: 'user@example.com', secret: 'pass:word' }],
    [basic('ключ:тайна'), { keyId: 'ключ', secret: 'тайна' }],
    ['Bearer mgw_k_1_abc', { keyId: 'k_1', secret: 'abc' }],
    ['bearer   opaque.token-1', { token: 'opaque.token-1' }],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.e30.x', { token: 'eyJhbGciOiJIUzI1NiJ9.e30.x' }],
    ['Bearer mgw_k', null],
    ['Bearer ', null],
    ['Bearer two words', null],
    ['Digest username="k"', null],
    [basic(':secret'), null],
    [`${basic('k:secrets')}x`, null],
    [`Basic ${Buffer.from('k:s').toString('base64').slice(0, 3)}!A==`, null],
    [basic('k'), null],
    ['', null],
  ])('%j is read as %j', (header, credential) => {
    expect(parseAuthorization(header)).toEqual(credential)
  })

  test('is written as it is read', () => {
    const key = { keyId: 'k_with_parts', secret: newSecret() }
    expect(parseAuthorization(`Bearer ${bearerToken(key)}`)).toEqual(key)
  })
})

describe('secrets', () => {
  const hashes = new SecretHashes({ pepper: 'pepper of this test' })
  const others = new SecretHashes({ pepper: 'pepper of another' })

  test('that are made have 256 bits: 43 characters of 62, none twice', () => {
    const made = Array.from({ length: 500 }, newSecret)
    expect(new Set(made).size).toBe(500)
    for (const secret of made) expect(secret).toMatch(/^[0-9A-Za-z]{43}$/)
    expect(new Set(made.join('')).size).toBe(62)
  })

  test.each(['fast', 'slow'] as const)(
    'hashed the %s way are known again, and by this pepper alone',
    async how => {
      const stored = await hashes[how]('open sesame')
      expect(stored.hash.toString('latin1')).not.toContain('sesame')
      expect(await hashes.isOneOf('open sesame', [stored])).toBe(true)
      expect(await hashes.isOneOf('open sesam', [stored])).toBe(false)
      expect(await hashes.isOneOf('', [stored])).toBe(false)
      expect(await others.isOneOf('open sesame', [stored])).toBe(false)
    },
  )

  test('hashed the slow way differ from hash to hash, and beyond the 72nd byte', async () => {
    const long = 'x'.repeat(72)
    const [once, again] = [await hashes.slow(`${long}1`), await hashes.slow(`${long}1`)]
    expect(once.hash.equals(again.hash)).toBe(false)
    expect(await hashes.isOneOf(`${long}2`, [once])).toBe(false)
  })

  test('are compared with each that is valid', async () => {
    const stored = [hashes.fast('new'), await hashes.slow('old')]
    expect(await hashes.isOneOf('new', stored)).toBe(true)
    expect(await hashes.isOneOf('old', stored)).toBe(true)
    expect(await hashes.isOneOf('older', stored)).toBe(false)
  })

  test('are not hashed slowly in any number: beyond a queue logins are told to come back', async () => {
    const all = await Promise.allSettled(Array.from({ length: 80 }, () => hashes.slow('x')))
    const refused = all.flatMap(one => (one.status === 'rejected' ? [one.reason] : []))
    expect(refused).toHaveLength(14)
    expect(refused[0]).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: 503, retryAfter: 1 })
  })
})

test('a gate lets no more through than it may, in the order in which they came, also after a failure', async () => {
  const gate = new Gate({ running: 2, waiting: 10 })
  const order: number[] = []
  let running = 0
  let most = 0
  const work = (n: number) => async () => {
    most = Math.max(most, ++running)
    order.push(n)
    await new Promise(resolve => setImmediate(resolve))
    running--
    if (n === 1) throw new Error('failed')
  }
  const all = [0, 1, 2, 3, 4].map(n => gate.run(work(n), () => new Error('full')))
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
  expect([order, most]).toEqual([[0, 1, 2, 3, 4], 2])
})

describe('the authenticator', () => {
  const somebody = principal({ accountId: 'acme' })

  function counting(known: string) {
    let asked = 0
    let now = 0
    const authenticator = new Authenticator({
      keys: { principal: async () => null },
      tokens: [
        { principal: async () => null },
        {
          principal: async token => {
            asked++
            return token === known ? somebody : null
          },
        },
        { principal: () => Promise.reject(new Error('asked in spite of an answer')) },
      ],
      clock: { now: () => new Date(now) },
    })
    return { authenticator, asked: () => asked, pass: (ms: number) => (now += ms) }
  }

  test('asks kinds of tokens in turn until one knows, and remembers what holds for less than 5 seconds', async () => {
    const { authenticator, asked, pass } = counting('mine')
    const all = await Promise.all(Array.from({ length: 20 }, () => authenticator.viewer('Bearer mine')))
    expect(new Set(all)).toEqual(new Set([somebody]))
    expect(asked()).toBe(1)
    pass(2_999)
    await authenticator.viewer('Bearer mine')
    expect(asked()).toBe(1)
    pass(1)
    await authenticator.viewer('Bearer mine')
    expect(asked()).toBe(2)
    pass(-60_000)
    await authenticator.viewer('Bearer mine')
    expect(asked()).toBe(3)
  })

  test('remembers no refusal', async () => {
    const { authenticator, asked } = counting('mine')
    const keys = new Authenticator({
      keys: { principal: async () => null },
      tokens: [],
      clock: { now: () => new Date() },
    })
    for (const n of [1, 2]) {
      await expect(authenticator.viewer('Bearer other')).rejects.toThrow('in spite of')
      expect(asked()).toBe(n)
      await expect(keys.viewer('Bearer other')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    }
  })
})
