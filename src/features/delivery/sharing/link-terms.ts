import { mediaErrors } from '../../media/media.errors.ts'

/** How long a share link lasts, and for how many downloads. */
export interface LinkTerms {
  readonly expiresAt?: Date | null
  /** Seconds, instead of a time. */
  readonly expiresIn?: number | null
  /** 0 = any number. */
  readonly maxDownloads?: number | null
}

const DAY = 86_400
export const DEFAULT_DAYS = 7
export const LONGEST_DAYS = 366

const fail = (field: string, allowed: string): never => {
  throw mediaErrors.INVALID_INPUT(`${field} ${allowed}.`, { field: ['input', field] })
}

/** The terms with what was left out; throws INVALID_INPUT. */
export function linkTerms(
  { expiresAt, expiresIn, maxDownloads }: LinkTerms,
  now: Date,
): { expiresAt: Date; maxDownloads: number } {
  if (expiresAt != null && expiresIn != null) fail('expiresIn', 'and expiresAt exclude each other: give one')
  if ((maxDownloads ?? 0) < 0) fail('maxDownloads', 'is below 0; 0 means any number')
  const field = expiresAt ? 'expiresAt' : 'expiresIn'
  const seconds = expiresAt ? (expiresAt.getTime() - now.getTime()) / 1000 : (expiresIn ?? DEFAULT_DAYS * DAY)
  if (seconds <= 0) fail(field, 'must lie in the future')
  if (seconds > LONGEST_DAYS * DAY) fail(field, `must lie within ${LONGEST_DAYS} days`)
  return { expiresAt: new Date(now.getTime() + seconds * 1000), maxDownloads: maxDownloads ?? 0 }
}
