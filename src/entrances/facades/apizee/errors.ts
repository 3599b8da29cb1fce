import type { AppError } from '../../../platform/errors.ts'
import type { FacadeRefusal } from '../facade.ts'
import { inTheirWords } from '../their-words.ts'

/** One of its statuses, where ours is none of them. */
const STATUSES: Readonly<Record<string, number>> = {
  INVALID_INPUT: 400,
  INVALID_TRANSFORM: 400,
  UNSUPPORTED_MEDIA_TYPE: 400,
  LEGAL_HOLD: 403,
}

/** What it calls fields of ours. */
const NAMES: Readonly<Record<string, string>> = { expiresAt: 'retention_date', geolocation: 'geoloc' }

/** Whatever was looked for, and whyever it is not there. */
const NOT_THERE = 'There is no media of this id.'

/** `{ "code", "message", "data": { "status" } }`, as REST APIs of this make have it: its documentation shows no body of a refusal. */
export function refusal(error: AppError): FacadeRefusal {
  const { code } = error
  const status = STATUSES[code] ?? error.status
  const message = code === 'NOT_FOUND' ? NOT_THERE : inTheirWords(error, ours => NAMES[ours] ?? ours)
  return { status, body: { code: code.toLowerCase(), message, data: { status } } }
}
