import { commonErrors } from '../../../platform/errors.ts'
import { type Given, textIn } from './given.ts'

/**
 * All values of the first of these names that is given, `name[]` being another way to write a name: undefined where none is, null where it is
 * null. BAD_REQUEST for what is no text.
 */
export function texts(given: Given, ...names: string[]): string[] | null | undefined {
  const name = names.flatMap(each => [each, `${each}[]`]).find(each => given.has(each))
  if (name === undefined) return undefined
  const value = given.get(name)
  if (value === null) return null
  return (Array.isArray(value) ? value : [value]).map(each => textIn(each, name))
}

/** The same with each text parted at its commas; blanks around the parts, and empty parts, say nothing. */
export function parts(given: Given, ...names: string[]): string[] | null | undefined {
  const whole = texts(given, ...names)
  if (whole == null) return whole
  const found = whole.flatMap(each => each.split(',')).map(each => each.trim())
  return found.filter(each => each !== '')
}

/** What each of these words stands for, in capitals or not; BAD_REQUEST that names those that there are. */
export function meanings<T>(words: readonly string[], table: Readonly<Record<string, T>>, name: string): T[] {
  return words.map(word => {
    const known = word.toLowerCase()
    if (Object.hasOwn(table, known)) return table[known] as T
    throw commonErrors.BAD_REQUEST(`${name} is one of ${Object.keys(table).join(', ')}.`, { field: [name] })
  })
}
