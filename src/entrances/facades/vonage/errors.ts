import { STATUS_CODES } from 'node:http'
import type { AppError } from '../../../platform/errors.ts'
import type { FacadeRefusal } from '../facade.ts'
import { inTheirWords } from '../their-words.ts'
import { nameOf } from './wire/said.ts'

/** Where its documentation has another status than we have. */
const STATUSES: Readonly<Record<string, number>> = { INVALID_INPUT: 400 }

/**
 * Problem details (RFC 9457), whose title is the phrase of the status since the type is none of its own; `code` is ours. There is no
 * `instance`: an item of somebody else's is refused as one that never was, to the byte, and X-Request-Id names the occurrence.
 */
export function refusal(error: AppError): FacadeRefusal {
  const { code } = error
  const status = STATUSES[code] ?? error.status
  const title = STATUS_CODES[status] ?? 'Error'
  return {
    status,
    body: { type: 'about:blank', title, status, detail: inTheirWords(error, nameOf), code },
  }
}
