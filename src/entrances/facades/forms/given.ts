import { FILTER_LIMITS } from '../../../features/media/filter.limits.ts'
import { commonErrors } from '../../../platform/errors.ts'
import { isDay } from '../../../platform/lib/rfc3339.ts'
import { isStorable } from '../../../platform/lib/storable-text.ts'

/** What a client says by name: parameters of a query, fields of a form, members of an object. */
export interface Given extends ReadonlyMap<string, unknown> {
  /**
   * Whether what is said by this name has a type of its own, as in JSON. Elsewhere there are texts alone, lists of them where a name comes
   * more than once, and an empty one of what is no text says nothing.
   */
  isTyped(name: string): boolean
}

export class Fields extends Map<string, unknown> implements Given {
  readonly #typed = new Set<string>()

  /** The members of an object of JSON. */
  static ofJson(values: object): Fields {
    const fields = new Fields(Object.entries(values))
    for (const name of fields.keys()) fields.#typed.add(name)
    return fields
  }

  isTyped(name: string): boolean {
    return this.#typed.has(name)
  }

  /** One more text by this name. */
  add(name: string, value: string): void {
    const before = this.get(name)
    if (Array.isArray(before)) before.push(value)
    else this.set(name, before === undefined ? value : [before, value])
  }

  /** These and the others, which count where both say something by one name. */
  with(others: Fields): Fields {
    const all = new Fields([...this, ...others])
    for (const name of all.keys()) if ((others.has(name) ? others : this).isTyped(name)) all.#typed.add(name)
    return all
  }
}

/** What a query says. */
export const givenIn = (values: Readonly<Record<string, unknown>>): Fields =>
  new Fields(Object.entries(values))

const refuse = (name: string, allowed: string): never => {
  throw commonErrors.BAD_REQUEST(`${name} is ${allowed}.`, { field: [name] })
}

/** The value of the first of these names that is given; null stays null. Of several texts, the last counts. */
function lastOf(
  given: Given,
  names: readonly string[],
): { readonly value: unknown; readonly isTyped: boolean } {
  const name = names.find(candidate => given.has(candidate))
  if (name === undefined) return { value: undefined, isTyped: false }
  const value = given.get(name)
  const isTyped = given.isTyped(name)
  return { value: Array.isArray(value) && !isTyped ? value.at(-1) : value, isTyped }
}

/** A reader of one kind of value: undefined where nothing is given, BAD_REQUEST that says what is allowed for anything else. */
type Reader<T> = (given: Given, ...names: string[]) => T | null | undefined

const reader =
  <T>(read: (value: unknown) => T | undefined, allowed: string): Reader<T> =>
  (given, ...names) => {
    const { value, isTyped } = lastOf(given, names)
    if (value === undefined || value === null) return value
    if (value === '' && !isTyped) return undefined
    return read(value) ?? refuse(names[0] ?? '', allowed)
  }

/** A text, for which a number may stand: examples of these APIs have `"metadata_secondary": 123`. */
export function textIn(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : refuse(name, 'a text')
}

export const text: Reader<string> = (given, ...names) => {
  const { value } = lastOf(given, names)
  return value === undefined || value === null ? value : textIn(value, names[0] ?? '')
}

/** What is looked for: a text that a search takes. An empty one says nothing. */
export const search: Reader<string> = (given, ...names) => {
  const value = text(given, ...names)
  if (!value) return undefined
  if (value.length <= FILTER_LIMITS.search && isStorable(value)) return value
  return refuse(names[0] ?? '', `a text of at most ${FILTER_LIMITS.search} characters, without U+0000`)
}

export const integer: Reader<number> = reader(value => {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) ? (number as number) : undefined
}, 'a whole number')

/** As programs print numbers: `-1.5`, `.5`, `1e-7`; as long as the longest of them, of 309 digits and some behind the point. */
const DECIMAL = /^(?=.{1,400}$)[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

export const decimal: Reader<number> = reader(value => {
  const number = typeof value === 'string' && DECIMAL.test(plus(value)) ? Number(plus(value)) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}, 'a number')

/** In a query a plus sign may have become a blank. */
const plus = (value: string): string => value.replace(' ', '+')

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

/** A time of ISO 8601, of a day that there is; one without an offset is in UTC, a date is its beginning. */
export const time: Reader<Date> = reader(value => {
  if (typeof value !== 'string') return undefined
  const written = plus(value)
  if (!TIME.test(written) || !isDay(written)) return undefined
  const withZone = /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(written) || written.length === 10 ? written : `${written}Z`
  // Without its colon an offset is none of the form that ECMAScript promises to read.
  const date = new Date(withZone.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(date.getTime()) ? undefined : date
}, 'a time of ISO 8601, such as 2020-01-01T15:00:00Z')
