import { once } from 'node:events'
import { jest } from '@jest/globals'
import { StorageConflict, type StorageDriver } from '../../src/platform/storage/driver.ts'
import { MemoryDriver } from '../../src/platform/storage/drivers/memory.ts'
import { Storage, type StorageEvent, type StoreStateEvent } from '../../src/platform/storage/storage.ts'
import { all, bodyOf, brokenBody, freshKey } from '../../src/platform/storage/suite/store-under-test.ts'

const systemError = (code: string) => Object.assign(new Error(`${code}: from the system`), { code })

/** A store that fails while it is told to, and counts what reaches it. */
function failingStore(error: Error = systemError('ECONNREFUSED')) {
  const memory = new MemoryDriver()
  const store = { isDown: true, checkFails: true, error, calls: [] as string[] }
  const driver = new Proxy(memory, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        store.calls.push(String(name))
        const fails = name === 'check' ? store.checkFails : store.isDown
        if (fails) throw store.error
        return method.apply(target, args)
      }
    },
  })
  return Object.assign(store, { driver: driver as StorageDriver, memory })
}

type FailingStore = ReturnType<typeof failingStore>

function storageOver(store: FailingStore) {
  const events: StorageEvent[] = []
  const states: StoreStateEvent[] = []
  const storage = new Storage({
    stores: new Map([
      ['main', store.driver],
      ['other', new MemoryDriver() as StorageDriver],
    ]),
    defaultStore: 'main',
    observe: event => events.push(event),
    onState: event => states.push(event),
  })
  return { storage, events, states: () => states.map(({ state }) => state) }
}

const fresh = () => ({ storeId: 'main', key: freshKey() })
const UNAVAILABLE = { code: 'STORAGE_UNAVAILABLE', status: 503 }

/** Fails at so many objects. */
async function failAt(storage: Storage, objects: number): Promise<void> {
  for (let i = 0; i < objects; i++) await expect(storage.stat(fresh())).rejects.toMatchObject(UNAVAILABLE)
}

let elapsed = 0
beforeEach(() => {
  elapsed = 0
  const now = performance.now.bind(performance)
  jest.spyOn(performance, 'now').mockImplementation(() => now() + elapsed)
})
afterEach(() => jest.restoreAllMocks())

const retryAfterOf = async (call: Promise<unknown>): Promise<number> => {
  const [result] = await Promise.allSettled([call])
  return (result as { reason: { retryAfter: number } }).reason.retryAfter
}

describe('a store that does not answer', () => {
  it('is left alone after five failures: every call is refused at once, with the rest of the pause', async () => {
    const store = failingStore()
    const { storage, events } = storageOver(store)
    await failAt(storage, 5)
    expect(store.calls).toHaveLength(5)
    expect([storage.stateOf('main'), storage.refuses('main')]).toEqual(['open', true])
    const body = bodyOf(Buffer.from('x'))
    const writes = storage.resumableOf('main')
    for (const call of [
      storage.write(fresh(), body),
      storage.read(fresh()),
      storage.stat(fresh()),
      storage.delete(fresh()),
      all(storage.list('main')),
      all(storage.listUnfinished('main')),
      writes.begin(fresh().key as never, {}),
      writes.append('handle', 0, bodyOf(Buffer.from('x'))),
      writes.offset('handle'),
      writes.rewind('handle', 0),
      writes.complete('handle'),
      writes.abort('handle'),
    ])
      await expect(call).rejects.toMatchObject({ ...UNAVAILABLE, retryAfter: 1 })
    expect(store.calls).toHaveLength(5)
    expect(body.destroyed).toBe(true)
    expect(events.map(({ outcome }) => outcome)).toEqual([
      ...Array(5).fill('failed'),
      ...Array(10).fill('refused'),
    ])
  })

  it('is no matter of other stores', async () => {
    const { storage } = storageOver(failingStore())
    await failAt(storage, 5)
    const ref = { storeId: 'other', key: freshKey() }
    await storage.write(ref, bodyOf(Buffer.from('fine')))
    expect(await storage.stat(ref)).toMatchObject({ size: 4 })
    expect([storage.stateOf('main'), storage.stateOf('other')]).toEqual(['open', 'closed'])
  })

  it('is asked by one call when the pause is over, which goes through when it is well; others are refused meanwhile', async () => {
    const store = failingStore()
    const { storage, states } = storageOver(store)
    await failAt(storage, 5)
    elapsed += 1_001
    store.isDown = false
    store.checkFails = false
    expect(storage.refuses('main')).toBe(false)
    const first = storage.stat(fresh())
    expect(storage.stateOf('main')).toBe('probing')
    await expect(storage.stat(fresh())).rejects.toMatchObject({ ...UNAVAILABLE, retryAfter: 1 })
    expect(await first).toBeNull()
    expect(store.calls.slice(5)).toEqual(['check', 'stat'])
    expect(await storage.stat(fresh())).toBeNull()
    expect(states()).toEqual(['open', 'probing', 'closed'])
  })

  it('that is still away is left alone for longer each time, half a minute at most', async () => {
    const { storage } = storageOver(failingStore())
    await failAt(storage, 5)
    const pauses: number[] = []
    for (let i = 0; i < 9; i++) {
      pauses.push(await retryAfterOf(storage.stat(fresh())))
      elapsed += 30_001
    }
    const most = [1, 2, 4, 8, 16, 30, 30, 30, 30]
    for (const [i, pause] of pauses.entries()) {
      expect(pause).toBeLessThanOrEqual(most[i] ?? 0)
      expect(pause).toBeGreaterThanOrEqual((most[i] ?? 0) / 2)
    }
  })

  it('that says it is well and fails at everything is left alone for longer, too, until a call succeeds', async () => {
    const store = failingStore()
    const { storage } = storageOver(store)
    store.checkFails = false
    for (let i = 0; i < 6; i++) {
      await failAt(storage, 5)
      elapsed += 30_001
    }
    await failAt(storage, 5)
    expect(await retryAfterOf(storage.stat(fresh()))).toBeGreaterThanOrEqual(15)
    store.isDown = false
    elapsed += 30_001
    await storage.stat(fresh())
    store.isDown = true
    await failAt(storage, 5)
    expect(await retryAfterOf(storage.stat(fresh()))).toBe(1)
  })

  it('is used again from the moment that readiness finds it well', async () => {
    const store = failingStore()
    const { storage } = storageOver(store)
    await failAt(storage, 5)
    await expect(storage.check('main')).rejects.toMatchObject(UNAVAILABLE)
    expect(storage.stateOf('main')).toBe('open')
    store.isDown = false
    store.checkFails = false
    await storage.check('main')
    expect(await storage.stat(fresh())).toBeNull()
  })

  it('is found out by readiness alone where nobody calls', async () => {
    const { storage, states } = storageOver(failingStore())
    for (let i = 0; i < 5; i++) await expect(storage.check('main')).rejects.toMatchObject(UNAVAILABLE)
    expect(states()).toEqual(['open'])
  })

  it('is not kept away by a clock that is set back', async () => {
    const store = failingStore()
    const { storage } = storageOver(store)
    await failAt(storage, 5)
    const now = Date.now()
    jest.spyOn(Date, 'now').mockReturnValue(now - 3_600_000)
    elapsed += 1_001
    store.isDown = false
    store.checkFails = false
    expect(await storage.stat(fresh())).toBeNull()
  })
})

describe('a store counts as away by', () => {
  it('listings that fail', async () => {
    const { storage } = storageOver(failingStore())
    for (let i = 0; i < 5; i++) await expect(all(storage.list('main'))).rejects.toMatchObject(UNAVAILABLE)
    expect(storage.stateOf('main')).toBe('open')
  })

  it('streams that break off in the middle, though each was opened', async () => {
    const store = failingStore()
    store.isDown = false
    const { storage } = storageOver(store)
    jest
      .spyOn(store.memory, 'read')
      .mockImplementation(async () => brokenBody(Buffer.alloc(100), systemError('ECONNRESET')))
    for (let i = 0; i < 5; i++) {
      expect(storage.stateOf('main')).toBe('closed')
      await expect(Array.fromAsync(storage.bytesOf(fresh()))).rejects.toMatchObject(UNAVAILABLE)
    }
    expect(storage.stateOf('main')).toBe('open')
  })
})

describe('a store does not count as away by', () => {
  const fiveTimes = async (call: () => Promise<unknown>) => {
    for (let i = 0; i < 10; i++) await call().catch(() => undefined)
  }

  it.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'])(
    'answers such as %s, also to a check',
    async code => {
      const { storage } = storageOver(failingStore(systemError(code)))
      await fiveTimes(() => storage.write(fresh(), bodyOf(Buffer.from('x'))))
      await fiveTimes(() => storage.check('main'))
      expect(storage.stateOf('main')).toBe('closed')
    },
  )

  it('a conflict', async () => {
    const { storage } = storageOver(failingStore(new StorageConflict('taken')))
    await fiveTimes(() => storage.write(fresh(), bodyOf(Buffer.from('x'))))
    expect(storage.stateOf('main')).toBe('closed')
  })

  it('one object that cannot be read, however often', async () => {
    const { storage } = storageOver(failingStore(systemError('EIO')))
    const ref = fresh()
    await fiveTimes(() => storage.read(ref))
    expect(storage.stateOf('main')).toBe('closed')
  })

  it('failures between which something succeeds', async () => {
    const store = failingStore()
    const { storage } = storageOver(store)
    for (let i = 0; i < 4; i++) {
      store.isDown = true
      await failAt(storage, 3)
      store.isDown = false
      await storage.stat(fresh())
    }
    expect(storage.stateOf('main')).toBe('closed')
  })

  it('objects that are missing, bodies that break off, callers that give up, readers that leave', async () => {
    const store = failingStore()
    store.isDown = false
    const { storage } = storageOver(store)
    const gone = new Error('the client has gone')
    await fiveTimes(() => storage.readOrLost(fresh()))
    await fiveTimes(() => storage.write(fresh(), brokenBody(Buffer.from('half'), gone)))
    await fiveTimes(() =>
      storage.write(fresh(), bodyOf(Buffer.from('x')), { signal: AbortSignal.abort(new Error('enough')) }),
    )
    await fiveTimes(async () => {
      const ref = fresh()
      await storage.write(ref, bodyOf(Buffer.alloc(500_000)))
      const stream = await storage.readOrLost(ref)
      stream.destroy(Object.assign(new Error('the client left'), { code: 'ERR_CLIENT_LEFT' }))
      await once(stream, 'close')
    })
    expect(storage.stateOf('main')).toBe('closed')
  })
})

describe('a store that says nothing', () => {
  const silent = () => {
    const answers: ((value: never) => void)[] = []
    const never = () => new Promise<never>(resolve => answers.push(resolve))
    const driver = Object.assign(new MemoryDriver(), {
      stat: never,
      read: never,
      delete: never,
      check: never,
      list: () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) }),
    })
    const limits = { callMs: 20, checkMs: 20 }
    const stores = new Map([['main', driver as unknown as StorageDriver]])
    return { storage: new Storage({ stores, defaultStore: 'main', limits }), answers }
  }

  it.each<[string, (storage: Storage) => Promise<unknown>]>([
    ['stat', storage => storage.stat(fresh())],
    ['read', storage => storage.read(fresh())],
    ['delete', storage => storage.delete(fresh())],
    ['list', storage => all(storage.list('main'))],
    ['check', storage => storage.check('main')],
  ])('is given up: %s', async (_name, call) => {
    const { storage } = silent()
    await expect(call(storage)).rejects.toMatchObject(UNAVAILABLE)
  })

  it('is not asked again whether it is well while it has not answered', async () => {
    const { storage, answers } = silent()
    for (let i = 0; i < 3; i++) await expect(storage.check('main')).rejects.toMatchObject(UNAVAILABLE)
    expect(answers).toHaveLength(1)
  })

  it('and then opens a stream that nobody waits for has it closed', async () => {
    const { storage, answers } = silent()
    await expect(storage.read(fresh())).rejects.toMatchObject(UNAVAILABLE)
    const late = bodyOf(Buffer.alloc(100_000))
    answers[0]?.(late as never)
    await once(late, 'close')
    expect(late.destroyed).toBe(true)
  })
})
