import { isStorable } from '../../platform/lib/storable-text.ts'
import { mediaErrors } from './media.errors.ts'
import type { MediaFilter } from './media.filter.ts'

/** Bounds of one filter, so that nobody writes a statement that the database plans for longer than it runs. */
export const FILTER_LIMITS = {
  /** Filters within each other, the outermost counted. */
  depth: 5,
  /** Filters in all. */
  filters: 50,
  /** Values of one list. */
  list: 100,
  /** Values of all lists together. */
  values: 500,
  /** UTF-16 units of all searches together. */
  search: 500,
} as const

export type Path = readonly string[]

export const refused = (path: Path, why: string) =>
  mediaErrors.INVALID_INPUT(`${path.join('.')} ${why}.`, { field: path })

/** Throws INVALID_INPUT for a filter that is too large, holds what is no text, or asks for the trash in a part of it. */
export function checkFilter(filter: MediaFilter): void {
  const sums = { filters: 0, values: 0, search: 0 }
  const add = (what: keyof typeof sums, amount: number, path: Path) => {
    sums[what] += amount
    if (sums[what] > FILTER_LIMITS[what])
      throw refused(path, `takes the whole filter above ${FILTER_LIMITS[what]} ${NOUNS[what]}`)
  }

  const visit = (part: MediaFilter, path: Path) => {
    const depth = path.filter(step => step === 'and' || step === 'or' || step === 'not').length + 1
    if (depth > FILTER_LIMITS.depth)
      throw refused(path, `is nested deeper than ${FILTER_LIMITS.depth} filters`)
    add('filters', 1, path)
    if (part.deleted != null && depth > 1)
      throw refused([...path, 'deleted'], 'stands in the outermost filter alone')
    for (const [field, value] of Object.entries(part)) {
      if (typeof value === 'string') checkText(value, [...path, field])
      if (Array.isArray(value) && field !== 'and' && field !== 'or') visitList(value, [...path, field])
    }
    for (const field of ['search', 'fileName'] as const)
      add('search', part[field]?.length ?? 0, [...path, field])
    for (const [field, parts] of [
      ['and', part.and],
      ['or', part.or],
    ] as const) {
      for (const [i, inner] of parts?.entries() ?? []) visit(inner, [...path, field, String(i)])
    }
    if (part.not != null) visit(part.not, [...path, 'not'])
  }

  const visitList = (values: readonly string[], path: Path) => {
    if (values.length > FILTER_LIMITS.list) throw refused(path, `takes at most ${FILTER_LIMITS.list} values`)
    add('values', values.length, path)
    for (const value of values) checkText(value, path)
  }

  visit(filter, ['filter'])
}

const NOUNS = {
  filters: 'filters',
  values: 'values',
  search: 'characters of search',
} as const

function checkText(value: string, path: Path): void {
  if (!isStorable(value)) throw refused(path, 'holds U+0000 or half a surrogate pair')
}
