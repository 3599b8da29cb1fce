import { Readable } from 'node:stream'
import type { JoinedWrites, ResumableWrites, StorageDriver } from '../../../src/platform/storage/driver.ts'

/**
 * How a call fails: before anything is done; when all is done, so that only the answer is lost; in the middle of the bytes; or
 * before anything is done and with all calls after it, as a store does that goes away.
 */
export const WAYS = ['before', 'after', 'middle', 'from then on'] as const
export type Way = (typeof WAYS)[number]

/** Calls whose bytes can break off in the middle. */
const STREAMS = new Set(['write', 'append', 'read'])

interface Plan {
  readonly at: number
  readonly way: Way
}

/** Counts the calls of a driver, and lets the one that it is told to fail. */
export class StoreFaults {
  /** The calls since the last `plan`, by name. */
  calls: string[] = []
  #plan: Plan | null = null

  /** From now on: the `at`-th call, counted from 1, fails this way; none without a plan. */
  plan(plan: Plan | null): void {
    this.calls = []
    this.#plan = plan
  }

  /** Whether the store has gone away for good. */
  get isAway(): boolean {
    return this.#plan?.way === 'from then on' && this.calls.length >= this.#plan.at - 1
  }

  /** How the call that begins now fails, if it does. */
  next(name: string): Way | null {
    const number = this.calls.push(name)
    if (!this.#plan) return null
    const { at, way } = this.#plan
    if (way === 'from then on') return number >= at ? 'before' : null
    return number === at ? way : null
  }
}

/** The ways in which a call of this name can fail. */
export const waysOf = (name: string): readonly Way[] =>
  WAYS.filter(way => way !== 'middle' || STREAMS.has(name))

const failure = (name: string) => Object.assign(new Error(`${name} was made to fail`), { code: 'ECONNRESET' })

/** The driver, with calls that fail as they are told. What is only a question to the driver itself (presign) never does. */
export function failingDriver(driver: StorageDriver, faults: StoreFaults): StorageDriver {
  const failing = async <T>(
    name: string,
    run: () => Promise<T>,
    middle: () => Promise<T> = run,
  ): Promise<T> => {
    const way = faults.next(name)
    if (way === null) return run()
    if (way === 'before') throw failure(name)
    if (way === 'middle' && name === 'read') return middle()
    await (way === 'middle' ? middle() : run()).then(discard, () => undefined)
    throw failure(name)
  }
  const resumable: ResumableWrites | undefined = driver.resumable && {
    begin: (key, hints) => failing('begin', async () => driver.resumable?.begin(key, hints) ?? ''),
    append: (handle, at, body) =>
      failing(
        'append',
        async () => given(driver.resumable).append(handle, at, body),
        async () => given(driver.resumable).append(handle, at, halfOf(body)),
      ),
    offset: handle => failing('offset', async () => given(driver.resumable).offset(handle)),
    rewind: (handle, to) => failing('rewind', async () => given(driver.resumable).rewind(handle, to)),
    complete: handle => failing('complete', async () => given(driver.resumable).complete(handle)),
    abort: handle => failing('abort', async () => given(driver.resumable).abort(handle)),
  }
  const join: JoinedWrites | undefined = driver.join && {
    join: (key, parts) => failing('join', async () => given(driver.join).join(key, parts)),
  }
  return {
    name: driver.name,
    write: (key, body, hints) =>
      failing(
        'write',
        () => driver.write(key, body, hints),
        () => driver.write(key, halfOf(body), hints),
      ),
    read: (key, range) =>
      failing(
        'read',
        () => driver.read(key, range),
        async () => {
          const whole = await driver.read(key, range)
          return whole && halfOf(whole)
        },
      ),
    stat: key => failing('stat', () => driver.stat(key)),
    delete: key => failing('delete', () => driver.delete(key)),
    list: prefix => driver.list(prefix),
    listUnfinished: () => driver.listUnfinished(),
    async check() {
      if (faults.isAway) throw failure('check')
      await driver.check()
    },
    close: () => driver.close(),
    ...(driver.presign && { presign: driver.presign }),
    ...(resumable && { resumable }),
    ...(join && { join }),
  }
}

function given<T>(capability: T | undefined): T {
  if (capability === undefined) throw new Error('a capability that the driver does not have')
  return capability
}

/** Half of the first chunk, and then an error. */
function halfOf(body: Readable): Readable {
  async function* torn(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      yield Buffer.from(chunk.subarray(0, Math.ceil(chunk.length / 2)))
      throw failure('a stream')
    }
  }
  return Readable.from(torn()).on('error', () => undefined)
}

function discard(result: unknown): void {
  if (result instanceof Readable) result.destroy()
}
