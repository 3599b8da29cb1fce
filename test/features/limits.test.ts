import { loadConfig } from '../../src/config.ts'
import { ENTITIES } from '../../src/entities.ts'
import { badCredential } from '../../src/features/access/access.errors.ts'
import type { Rate } from '../../src/features/limits/limits.config.ts'
import {
  type LoginFailures,
  LoginFailures as SharedFailures,
} from '../../src/features/limits/login-failures.ts'
import { LoginThrottle } from '../../src/features/limits/login-throttle.ts'
import { WindowCounter } from '../../src/features/limits/window-counter.ts'
import { ConfigError } from '../../src/platform/config.ts'
import { Database } from '../../src/platform/db/database.ts'
import { createDatabase, type TestDatabase } from '../support/database.ts'

/** A clock that stands still until it is moved. */
function standingClock() {
  let now = Date.parse('2030-01-01T00:00:00Z')
  return {
    now: () => new Date(now),
    pass(ms: number) {
      now += ms
    },
  }
}

const rejection = (work: Promise<unknown>) =>
  work.then(
    () => null,
    error => error as { code: string; retryAfter?: number },
  )

describe('RATE_LIMIT', () => {
  test.each([
    ['', { key: 1000, address: 100, login: 10 }],
    ['off', { key: null, address: null, login: null }],
    ['login=3/m', { key: 1000, address: 100, login: 3 }],
    ['key=off, address=5/h', { key: null, address: 5, login: 10 }],
  ])('"%s" limits %j', (text, expected) => {
    const { RATE_LIMIT } = loadConfig({ RATE_LIMIT: text })
    const most = Object.fromEntries(
      Object.entries(RATE_LIMIT).map(([name, rate]) => [name, rate?.most ?? null]),
    )
    expect(most).toEqual(expected)
  })

  test('counts within seconds, minutes and hours', () => {
    expect(loadConfig({ RATE_LIMIT: 'key=1/s,address=2/m,login=3/h' }).RATE_LIMIT).toEqual({
      key: { most: 1, seconds: 1 },
      address: { most: 2, seconds: 60 },
      login: { most: 3, seconds: 3600 },
    })
  })

  test.each([
    'on',
    '10/s',
    'key=0/s',
    'key=1/d',
    'key=-1/s',
    'key=1.5/s',
    'user=1/s',
    'key=1/s,key=2/s',
    'key=1/s,',
  ])('"%s" is refused', text => {
    expect(() => loadConfig({ RATE_LIMIT: text })).toThrow(ConfigError)
  })
})

describe('a window', () => {
  const rate: Rate = { most: 3, seconds: 2 }

  test('grants as many as the rate, to each name of its own', () => {
    const counter = new WindowCounter({ rate, clock: standingClock() })
    const taken = ['a', 'a', 'a', 'a', 'b'].map(name => counter.take(name))
    expect(taken.map(({ granted, left }) => [granted, left])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
      [true, 2],
    ])
  })

  test('says when it ends, and then grants again', () => {
    const clock = standingClock()
    const counter = new WindowCounter({ rate, clock })
    for (let i = 0; i < 3; i++) counter.take('a')
    clock.pass(1_500)
    expect(counter.take('a')).toEqual({ granted: false, left: 0, endsIn: 1 })
    clock.pass(500)
    expect(counter.take('a')).toEqual({ granted: true, left: 2, endsIn: 2 })
  })

  test('is not longer after the clock was set back', () => {
    const clock = standingClock()
    const counter = new WindowCounter({ rate, clock })
    for (let i = 0; i < 4; i++) counter.take('a')
    clock.pass(-3_600_000)
    expect(counter.take('a')).toMatchObject({ granted: true, endsIn: 2 })
  })

  test('holds a bounded number of names', () => {
    const counter = new WindowCounter({ rate: { most: 1, seconds: 1 }, clock: standingClock() })
    for (let i = 0; i < 100_000; i++) counter.take(`name ${i}`)
    expect(counter.take('one more').granted).toBe(true)
    expect(counter.take('another one').granted).toBe(false)
    expect(counter.take('name 1').granted).toBe(false)
  })
})

describe('failed logins', () => {
  let clone: TestDatabase
  let database: Database
  beforeAll(async () => {
    clone = await createDatabase()
    database = await Database.open({
      connection: { connectionString: clone.url },
      entities: ENTITIES,
      poolSize: 4,
      onIdleError: () => undefined,
    })
  })
  beforeEach(() => database.query('DELETE FROM login_failure'))
  afterAll(async () => {
    await database.close()
    await clone.drop()
  })

  const rate: Rate = { most: 3, seconds: 60 }
  const pass = (seconds: number) =>
    database.query(`UPDATE login_failure SET until = until - $1 * interval '1 second'`, [seconds])
  const inSeconds = (ms: number) => Math.round(ms / 1000)

  describe('in the database', () => {
    test('block for a window once there are too many, at every node', async () => {
      const failures = new SharedFailures({ database, rate })
      const blocks = []
      for (let i = 0; i < 3; i++) blocks.push(inSeconds(await failures.count('s', 'growing')))
      expect(blocks).toEqual([0, 0, 60])
      const otherNode = new SharedFailures({ database, rate })
      expect((await otherNode.blockedFor(['s', 't'])).map(inSeconds)).toEqual([60, 0])
      await pass(61)
      expect(await otherNode.blockedFor(['s'])).toEqual([0])
    })

    test('that are few are forgotten with their window', async () => {
      const failures = new SharedFailures({ database, rate })
      await failures.count('s', 'growing')
      await failures.count('s', 'growing')
      await pass(61)
      expect(await failures.count('s', 'growing')).toBe(0)
      expect(await failures.count('s', 'growing')).toBe(0)
      expect(inSeconds(await failures.count('s', 'growing'))).toBe(60)
    })

    test('that go on double the block, up to an hour; an hour of peace ends it', async () => {
      const failures = new SharedFailures({ database, rate })
      const blocks: number[] = []
      for (let i = 0; i < 11; i++) {
        const ms = await failures.count('s', 'growing')
        if (ms > 0) blocks.push(inSeconds(ms))
        await pass(ms / 1000)
      }
      expect(blocks).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
      await pass(3601)
      expect(await failures.count('s', 'growing')).toBe(0)
    })

    test('with a steady back-off start anew after each block', async () => {
      const failures = new SharedFailures({ database, rate })
      for (let i = 0; i < 3; i++) await failures.count('s', 'steady')
      await pass(61)
      expect(await failures.count('s', 'steady')).toBe(0)
    })

    test('that are counted at the same time are all counted', async () => {
      const failures = new SharedFailures({ database, rate: { most: 20, seconds: 60 } })
      const blocks = await Promise.all(Array.from({ length: 20 }, () => failures.count('s', 'growing')))
      expect(blocks.filter(ms => ms > 0)).toHaveLength(1)
    })

    test('a rate of one blocks at once', async () => {
      const failures = new SharedFailures({ database, rate: { most: 1, seconds: 60 } })
      expect(inSeconds(await failures.count('s', 'growing'))).toBe(60)
    })

    test('are kept as digests only, and removed when they no longer count', async () => {
      const failures = new SharedFailures({ database, rate })
      await failures.count('192.0.2.1 key root', 'growing')
      const rows = await database.query<{ text: string }>(
        'SELECT login_failure::text AS text FROM login_failure',
      )
      expect(rows[0]?.text).not.toContain(Buffer.from('root').toString('hex'))
      expect(await failures.forget()).toBe(0)
      await pass(3_700)
      expect(await failures.forget()).toBe(1)
    })
  })

  describe('at a node', () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

    /** A gate whose only key is `root` with the secret `right`; `compared` counts how often a secret was looked at. */
    function gate(
      failures: Pick<LoginFailures, 'blockedFor' | 'count'> = new SharedFailures({ database, rate }),
    ) {
      const clock = standingClock()
      const errors: unknown[] = []
      const throttle = new LoginThrottle({
        failures,
        insurance: new WindowCounter({ rate, clock }),
        clock,
        onError: error => void errors.push(error),
      })
      let compared = 0
      const logIn = (network: string, name: string) =>
        throttle.attempt({ network, authorization: basic(name) }, async () => {
          compared++
          if (!/^(root|second):right$/.test(name)) throw badCredential()
          return name
        })
      return { throttle, logIn, clock, errors, compared: () => compared }
    }

    const codes = async (works: Array<() => Promise<unknown>>) => {
      const seen: Array<string | undefined> = []
      for (const work of works) seen.push((await rejection(work()))?.code)
      return seen
    }

    test('end with 429 whatever is sent, and no secret is looked at any more', async () => {
      const { logIn, compared } = gate()
      const wrong = () => logIn('a', 'root:wrong')
      expect(await codes([wrong, wrong, wrong, wrong, () => logIn('a', 'root:right')])).toEqual([
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
        'RATE_LIMITED',
        'RATE_LIMITED',
      ])
      expect(compared()).toBe(3)
      expect(await rejection(logIn('a', 'root:right'))).toMatchObject({ status: 429, retryAfter: 60 })
    })

    test('do not lock the key out at other addresses', async () => {
      const { logIn } = gate()
      for (let i = 0; i < 4; i++) await rejection(logIn('a', 'root:wrong'))
      expect(await logIn('b', 'root:right')).toBe('root:right')
    })

    test('of one key do not lock out those who lately worked from the same address, only newcomers', async () => {
      const { logIn, clock } = gate()
      await logIn('a', 'root:right')
      for (let i = 0; i < 3; i++) await rejection(logIn('a', `guess${i}:x`))
      expect(await codes([() => logIn('a', 'root:right'), () => logIn('a', 'second:right')])).toEqual([
        undefined,
        'RATE_LIMITED',
      ])
      clock.pass(61_000)
      await pass(61)
      expect(await logIn('a', 'second:right')).toBe('second:right')
    })

    test('are not undone by a success of another key', async () => {
      const { logIn } = gate()
      await rejection(logIn('a', 'root:wrong'))
      await rejection(logIn('a', 'root:wrong'))
      await logIn('a', 'second:right')
      await rejection(logIn('a', 'root:wrong'))
      expect(await codes([() => logIn('a', 'root:right')])).toEqual(['RATE_LIMITED'])
    })

    test('that another node counted hold here, too', async () => {
      const [here, there] = [gate(), gate()]
      for (let i = 0; i < 3; i++) await rejection(there.logIn('a', 'root:wrong'))
      expect(await codes([() => here.logIn('a', 'root:right')])).toEqual(['RATE_LIMITED'])
      expect(here.compared()).toBe(0)
    })

    test('that another node counted hold within seconds where the key has just worked', async () => {
      const [here, there] = [gate(), gate()]
      await here.logIn('a', 'root:right')
      for (let i = 0; i < 3; i++) await rejection(there.logIn('a', 'root:wrong'))
      here.clock.pass(5_000)
      expect(await codes([() => here.logIn('a', 'root:right')])).toEqual(['RATE_LIMITED'])
    })

    test('that are sent side by side are not all compared', async () => {
      const { logIn, compared } = gate()
      await Promise.all(Array.from({ length: 50 }, () => rejection(logIn('a', 'root:wrong'))))
      expect(compared()).toBe(3)
    })

    test('count here alone while the database does not answer: nobody is locked out, no door is open', async () => {
      const down = () => Promise.reject(new Error('no database'))
      const { logIn, errors, compared } = gate({ blockedFor: down, count: down })
      expect(await logIn('a', 'root:right')).toBe('root:right')
      const wrong = () => logIn('b', 'root:wrong')
      expect(await codes([wrong, wrong, wrong, wrong])).toEqual([
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
        'RATE_LIMITED',
      ])
      expect(compared()).toBe(4)
      expect(errors.length).toBeGreaterThan(0)
    })

    test('are only those that did not hold: a failing database is none', async () => {
      const { clock } = gate()
      const failures = new SharedFailures({ database, rate })
      const throttle = new LoginThrottle({
        failures,
        insurance: new WindowCounter({ rate, clock }),
        clock,
        onError: () => undefined,
      })
      const broken = () =>
        throttle.attempt({ network: 'a', authorization: basic('root:x') }, () =>
          Promise.reject(new Error('down')),
        )
      for (let i = 0; i < 5; i++) await rejection(broken())
      expect(await database.query('SELECT 1 FROM login_failure')).toEqual([])
    })

    test('are none where no credential is sent, as by an example that nobody filled in', async () => {
      const { throttle, logIn } = gate()
      const placeholder = () =>
        throttle.attempt({ network: 'a', authorization: 'Bearer mgw_<key>_<secret>' }, () =>
          Promise.reject(badCredential()),
        )
      expect(await codes(Array(5).fill(placeholder))).toEqual(Array(5).fill('UNAUTHENTICATED'))
      expect(await logIn('a', 'root:right')).toBe('root:right')
    })

    test('with a token count for that token alone until the address is used up', async () => {
      const { clock } = gate()
      const throttle = new LoginThrottle({
        failures: new SharedFailures({ database, rate: { most: 3, seconds: 60 } }),
        insurance: new WindowCounter({ rate, clock }),
        clock,
        onError: () => undefined,
      })
      const expired = () =>
        throttle.attempt({ network: 'a', authorization: 'Bearer aaa.bbb.ccc' }, () =>
          Promise.reject(badCredential()),
        )
      await throttle.attempt({ network: 'a', authorization: 'Bearer ddd.eee.fff' }, async () => 'fresh')
      expect(await codes([expired, expired, expired, expired])).toEqual([
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
        'RATE_LIMITED',
      ])
      expect(
        await throttle.attempt({ network: 'a', authorization: 'Bearer ddd.eee.fff' }, async () => 'fresh'),
      ).toBe('fresh')
    })
  })
})
