import { AsyncLocalStorage } from 'node:async_hooks'
import type { AppError } from '../errors.ts'
import { isUuid } from '../lib/uuid7.ts'
import type { Actor } from './actor.ts'

/** What somebody asked for and did not get. */
export interface Refused {
  readonly actor: Actor
  /** The field of the schema, or the method and route. */
  readonly action: string
  /** What was asked for by its id, whether it exists or not. */
  readonly subjectId: string | null
  readonly error: AppError
}

/** Told of refused attempts, at once and without waiting. */
export type OnRefused = (refused: Refused) => void

const current = new AsyncLocalStorage<(error: AppError) => void>()

/** Does the work; who translates an error of it into data says so by `tellRefused`. */
export const attempting = <T>(onError: (error: AppError) => void, work: () => T): T =>
  current.run(onError, work)

/** For translators of errors that nobody sees thrown. */
export const tellRefused = (error: AppError): void => current.getStore()?.(error)

/** Prefixes of global ids; what is longer than any of them is no id. */
const PREFIXED = /^[a-z]{3,4}_(.{36})$/
const KEY_ID = /^key_[\w.-]{1,64}$/

/** An id as the API gives them; null for every other text, which may be anything, a secret included. */
export function subjectOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const uuid = PREFIXED.exec(value)?.[1] ?? value
  return isUuid(uuid) || KEY_ID.test(value) ? value : null
}
