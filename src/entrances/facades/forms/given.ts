import { commonErrors } from '../../../platform/errors.ts'

/** What a client says by name: parameters of a query, fields of a form, members of an object. */
export type Given = ReadonlyMap<string, unknown>

export const givenIn = (values: Readonly<Record<string, unknown>>): Given => new Map(Object.entries(values))

const refuse = (name: string, allowed: string): never => {
  throw commonErrors.BAD_REQUEST(`${name} is ${allowed}.`, { field: [name] })
}

/** The value of the first of these names that is given; absent and empty are undefined, null stays null. Of several, the last counts. */
function givenValue(given: Given, names: readonly string[]): unknown {
  const name = names.find(candidate => given.has(candidate))
  if (name === undefined) return undefined
  const value = given.get(name)
  return Array.isArray(value) ? value.at(-1) : value
}

/** A reader of one kind of value: undefined where nothing is given, BAD_REQUEST that says what is allowed for anything else. */
type Reader<T> = (given: Given, ...names: string[]) => T | null | undefined

/** A form has texts alone: an empty one of what is no text says nothing. */
const reader =
  <T>(read: (value: unknown) => T | undefined, allowed: string): Reader<T> =>
  (given, ...names) => {
    const value = givenValue(given, names)
    if (value === undefined || value === null) return value
    if (value === '') return undefined
    return read(value) ?? refuse(names[0] ?? '', allowed)
  }

export const text: Reader<string> = (given, ...names) => {
  const value = givenValue(given, names)
  if (value === undefined || value === null || typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : refuse(names[0] ?? '', 'a text')
}

export const integer: Reader<number> = reader(value => {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) ? (number as number) : undefined
}, 'a whole number')

export const decimal: Reader<number> = reader(value => {
  const number = typeof value === 'string' && /^-?\d{1,15}(\.\d{1,20})?$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}, 'a number')

const FLAGS = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['1', true],
  [false, false],
  ['false', false],
  ['0', false],
])

export const flag: Reader<boolean> = reader(value => FLAGS.get(value), 'true or false')

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/** A time of ISO 8601; one without an offset is in UTC, a date is its beginning. In a query a plus sign may have become a blank. */
export const time: Reader<Date> = reader(value => {
  if (typeof value !== 'string') return undefined
  const written = value.replace(' ', '+')
  if (!TIME.test(written)) return undefined
  const date = new Date(
    /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(written) || written.length === 10 ? written : `${written}Z`,
  )
  return Number.isNaN(date.getTime()) ? undefined : date
}, 'a time of ISO 8601, such as 2020-01-01T15:00:00Z')
