/** Where a store has not answered in time; the call goes on, and nobody waits for it any more. */
export class StoreSilent extends Error {
  override readonly name = 'StoreSilent'
  readonly code = 'ETIMEDOUT'

  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`)
  }
}

/** Settles as the call does, or rejects with StoreSilent after so long. `late` takes what comes after that. */
export async function inTime<T>(
  call: Promise<T>,
  limitMs: number,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new StoreSilent(limitMs))
    }, limitMs)
  })
  call.then(
    value => isLate && late(value),
    () => undefined,
  )
  try {
    return await Promise.race([call, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** The same items, each of which must come within so long of being asked for. */
export async function* eachInTime<T>(items: AsyncIterable<T>, limitMs: number): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  let isSilent = false
  try {
    for (;;) {
      const { done, value } = await inTime(iterator.next(), limitMs)
      if (done) return
      yield value
    }
  } catch (error) {
    isSilent = error instanceof StoreSilent
    throw error
  } finally {
    // What does not answer does not end either.
    if (!isSilent) await iterator.return?.()
  }
}
