import type { ApiPromise } from './promise.ts'

/**
 * Makes the function by which a test file keeps promises: `keeps(id, work)` is the one test of this id, titled by it. It throws for an id that
 * nothing was promised under, and for one that the file has kept before.
 */
export function promises<Id extends string>(all: Readonly<Record<Id, ApiPromise>>) {
  const kept = new Set<string>()
  return (id: Id, work: () => unknown): void => {
    const promised = Object.hasOwn(all, id) ? all[id] : undefined
    if (!promised) throw new Error(`Nothing is promised as ${id}`)
    if (kept.has(id)) throw new Error(`${id} has a test already`)
    kept.add(id)
    test(`${id}: ${promised.means}`, async () => {
      await work()
    })
  }
}
