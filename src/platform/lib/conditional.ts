import { parseHttpDate } from './http-date.ts'

/** The request's conditions as they were written; an absent header is undefined. */
export interface ConditionHeaders {
  readonly 'if-match'?: string
  readonly 'if-none-match'?: string
  readonly 'if-modified-since'?: string
  readonly 'if-unmodified-since'?: string
  readonly 'if-range'?: string
}

/** What the selected representation is compared by. */
export interface Validators {
  /** The content of a strong entity-tag, without its quotes. */
  readonly etag: string
  readonly lastModified: Date
  /** Whether no other content of this resource can carry the same second as its date (RFC 9110, 8.8.2.2). */
  readonly lastModifiedIsStrong: boolean
}

export type Verdict = 'proceed' | 'notModified' | 'preconditionFailed'

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110, 13.2.2, steps 1 to 4: an entity-tag overrules the
 * date beside it, If-Match compares strongly, If-None-Match weakly, dates compare by the second. A date that is none is
 * ignored; a list of entity-tags that is malformed matches nothing.
 */
export function evaluateConditions(headers: ConditionHeaders, current: Validators, now: Date): Verdict {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  const modified = seconds(current.lastModified)

  if (ifMatch !== undefined) {
    if (!listHas(ifMatch, current.etag, 'strong')) return 'preconditionFailed'
  } else {
    const unmodifiedSince = dateOf(headers['if-unmodified-since'], now)
    if (unmodifiedSince !== null && modified > unmodifiedSince) return 'preconditionFailed'
  }

  if (ifNoneMatch !== undefined) return listHas(ifNoneMatch, current.etag, 'weak') ? 'notModified' : 'proceed'
  const modifiedSince = dateOf(headers['if-modified-since'], now)
  return modifiedSince !== null && modified <= modifiedSince ? 'notModified' : 'proceed'
}

/**
 * Whether the Range header may be honoured (RFC 9110, 13.1.5): there is no If-Range, or it names exactly this entity-tag, or
 * exactly this date and the date is a strong validator. Anything else asks for the whole content.
 */
export function ifRangeHolds(header: string | undefined, current: Validators, now: Date): boolean {
  if (header === undefined || header === `"${current.etag}"`) return true
  return current.lastModifiedIsStrong && parseHttpDate(header, now) === seconds(current.lastModified)
}

/** One element of a list of entity-tags, which may be empty (RFC 9110, 5.6.1.2 and 8.8.3). */
const ELEMENT = /[\t ]*(?:(?<weak>W\/)?"(?<tag>[\x21\x23-\x7e\x80-\xff]*)"[\t ]*)?(?:,|$)/y

function listHas(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true
  let found = false
  for (let at = 0; at < list.length; at = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = at
    const element = ELEMENT.exec(list)?.groups
    if (!element) return false
    if (element.tag === etag && !(element.weak && comparison === 'strong')) found = true
  }
  return found
}

function dateOf(header: string | undefined, now: Date): number | null {
  return header === undefined ? null : parseHttpDate(header, now)
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
