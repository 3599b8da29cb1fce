import { isStorable } from '../../../platform/lib/storable-text.ts'
import type { Acl, AclRule } from '../acl.ts'

/**
 * Reads the `acl` claim of a Vonage JWT: `{ "paths": { "/v3/media/**": { "methods": ["GET"] } } }`, where `{}` is every method.
 * Null when there is no such claim: nothing is narrowed. `malformed` when it has another shape: nobody can say what it was to
 * narrow. A rule with a restriction that the gateway cannot apply (`filters`, or a member that it does not know) covers
 * nothing: to leave the restriction out would give more than was meant.
 */
export function parseAcl(claim: unknown): Acl | null | 'malformed' {
  if (claim === undefined) return null
  if (!isRecord(claim) || !isRecord(claim.paths)) return 'malformed'
  const rules: AclRule[] = []
  for (const [path, rule] of Object.entries(claim.paths)) {
    if (!path.startsWith('/') || !isStorable(path) || !isRecord(rule)) return 'malformed'
    const { methods, ...restrictions } = rule
    if (methods !== undefined && !isTexts(methods)) return 'malformed'
    const segments = segmentsOf(path)
    if (Object.values(restrictions).some(isRestriction) || segments.length > LONGEST) continue
    rules.push({ segments, methods: methods === undefined ? null : new Set(methods) })
  }
  return rules
}

/** A longer pattern covers none of our paths, which have five segments at most. */
const LONGEST = 20

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')

/** `"filters": {}` restricts nothing. */
const isRestriction = (value: unknown): boolean => !isRecord(value) || Object.keys(value).length > 0

/** `**` right behind `**` says nothing more, and would cost a matcher that tries every way. */
const segmentsOf = (path: string): string[] =>
  path
    .split('/')
    .filter(Boolean)
    .filter((segment, i, all) => segment !== '**' || all[i - 1] !== '**')
