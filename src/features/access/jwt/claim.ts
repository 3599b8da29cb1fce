import { isStorable } from '../../../platform/lib/storable-text.ts'
import type { Claims } from './unverified-token.ts'

const LONGEST = 200

/**
 * The claim of this name; where there is none, the one that a path with dots leads to: `realm_access.roles`. Names with dots of
 * their own, such as `https://example.org/groups`, are found first.
 */
export function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  return name.split('.').reduce<unknown>((value, member) => {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, member)
    return isObject ? (value as Claims)[member] : undefined
  }, claims)
}

/** A claim that is a name: a text, or a whole number written as one; null for everything else. */
export function textOf(claims: Claims, name: string): string | null {
  const value = claimOf(claims, name)
  const text = Number.isSafeInteger(value) ? String(value) : value
  return isName(text) ? text : null
}

/** A claim that holds several names: a list of texts, or one text (parted by blanks, where that is how they are written). */
export function textsOf(claims: Claims, name: string, separator: ' ' | null = null): string[] {
  const value = claimOf(claims, name)
  if (Array.isArray(value)) return value.filter(isName)
  if (typeof value !== 'string') return []
  return (separator === null ? [value] : value.split(separator)).filter(isName)
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST && isStorable(value)
