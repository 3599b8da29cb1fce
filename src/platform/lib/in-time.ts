/** Where an answer has not come in time; what was asked goes on, and nobody waits for it any more. */
export class NotInTime extends Error {
  override readonly name = 'NotInTime'
  readonly code = 'ETIMEDOUT'

  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`)
  }
}

/** What the work gives, or its error; rejects with NotInTime after so long. `late` takes what comes after that. */
export async function inTime<T>(
  work: Promise<T>,
  limitMs: number,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new NotInTime(limitMs))
    }, limitMs)
  })
  work.then(
    value => isLate && late(value),
    () => undefined,
  )
  try {
    return await Promise.race([work, silence])
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
    isSilent = error instanceof NotInTime
    throw error
  } finally {
    // What does not answer does not end either.
    if (!isSilent) await iterator.return?.()
  }
}
