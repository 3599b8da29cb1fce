import type { EntityManager } from 'typeorm'

/** A request that makes something, and may have made it before. */
export interface Once {
  /** What it has made, if it has come before. Throws IDEMPOTENCY_CONFLICT when its key was used for something else. */
  earlier(): Promise<Earlier | null>
  /**
   * Notes what is being made, in the transaction that makes it. Waits for another transaction that does the same; throws
   * AlreadyMade or IDEMPOTENCY_CONFLICT when that one was first. `content` is the SHA-256 of the file, if there is one.
   */
  claim(tx: EntityManager, resultId: string, content?: string): Promise<void>
}

export interface Earlier {
  /** Id of what was made. Throws IDEMPOTENCY_CONFLICT when that request was not this one. */
  resultFor(content?: string): string
}

/** Ends a transaction that would make the same thing a second time. */
export class AlreadyMade extends Error {
  override readonly name = 'AlreadyMade'
  constructor(readonly resultId: string) {
    super('already made')
  }
}

/** Of a request without a key: each time it comes is the first. */
export const unkeyed: Once = { earlier: async () => null, claim: async () => undefined }

export interface Making<T> {
  /** Makes it; claims in its transaction. */
  create(): Promise<T>
  /** The answer for what was made before. */
  again(resultId: string): Promise<T>
  /** SHA-256 of the file that came with the request; asked for only when the key is known. */
  content?(): Promise<string>
}

/** Makes it, or answers with what the same request has made before. */
export async function onlyOnce<T>(once: Once, { create, again, content }: Making<T>): Promise<T> {
  const earlier = await once.earlier()
  if (earlier) return again(earlier.resultFor(await content?.()))
  try {
    return await create()
  } catch (error) {
    if (error instanceof AlreadyMade) return again(error.resultId)
    throw error
  }
}
