import type { AppError } from '../../../platform/errors.ts'
import type { FacadeRefusal } from '../facade.ts'

/** One of its statuses, where ours is none of them. */
const STATUSES: Readonly<Record<string, number>> = {
  INVALID_INPUT: 400,
  INVALID_TRANSFORM: 400,
  UNSUPPORTED_MEDIA_TYPE: 400,
  LEGAL_HOLD: 403,
}

/** Whatever was looked for, and whyever it is not there. */
const NOT_THERE = 'There is no media of this id.'

/** `{ "code", "message", "data": { "status" } }`, as REST APIs of this make have it: its documentation shows no body of a refusal. */
export function refusal({ code, status, publicMessage }: AppError): FacadeRefusal {
  const said = STATUSES[code] ?? status
  const message = code === 'NOT_FOUND' ? NOT_THERE : publicMessage
  return { status: said, body: { code: code.toLowerCase(), message, data: { status: said } } }
}
