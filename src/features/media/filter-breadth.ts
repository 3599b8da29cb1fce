import type { MediaFilter } from './media.filter.ts'
import { searchTerms } from './search-terms.ts'

/** Which media a filter can leave, by what it says alone: `every`, whatever they are, or `none`. */
export type Breadth = 'every' | 'some' | 'none'

/** Of a filter that `checkFilter` let pass; the trash is another set, and no part of it. */
export const breadthOf = ({ deleted: _, ...filter }: MediaFilter): Breadth =>
  ofAll(
    Object.entries(filter)
      .filter(([, value]) => value != null)
      .map(([field, value]) => ofPart(field, value)),
  )

function ofPart(field: string, value: unknown): Breadth {
  if (field === 'and') return ofAll((value as MediaFilter[]).map(breadthOf))
  if (field === 'or') return ofAny((value as MediaFilter[]).map(breadthOf))
  if (field === 'not') return INVERSE[breadthOf(value as MediaFilter)]
  if (field === 'search') return searchTerms(String(value)).every(isFoldedAway) ? 'every' : 'some'
  if (field === 'fileName') return isFoldedAway(String(value)) ? 'every' : 'some'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : 'some'
  if (isRange(value)) return Object.values(value).every(bound => bound == null) ? 'every' : 'some'
  return 'some'
}

const INVERSE: Readonly<Record<Breadth, Breadth>> = { every: 'none', some: 'some', none: 'every' }

function ofAll(parts: readonly Breadth[]): Breadth {
  if (parts.includes('none')) return 'none'
  return parts.every(part => part === 'every') ? 'every' : 'some'
}

function ofAny(parts: readonly Breadth[]): Breadth {
  if (parts.includes('every')) return 'every'
  return parts.every(part => part === 'none') ? 'none' : 'some'
}

/** Whether nothing is left of a text once it is folded as texts of media are (`media_search_form`): accents alone. */
const isFoldedAway = (text: string): boolean => text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '') === ''

const isRange = (value: unknown): value is object => typeof value === 'object' && !(value instanceof Date)
