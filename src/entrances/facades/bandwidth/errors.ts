import type { AppError } from '../../../platform/errors.ts'
import type { FacadeRefusal } from '../facade.ts'

interface Said {
  readonly status: number
  readonly type: string
  /** Ours without it. */
  readonly description?: string
}

/** What its documentation says of a status, word for word where it has words. */
const BY_STATUS: Readonly<Record<number, Said>> = {
  401: { status: 401, type: 'unauthorized', description: 'Authentication Failed' },
  403: { status: 403, type: 'forbidden', description: 'Access Denied' },
  404: { status: 404, type: 'not-found', description: 'Media not found' },
  405: { status: 405, type: 'method-not-allowed' },
  406: { status: 406, type: 'not-acceptable' },
  409: { status: 409, type: 'conflict' },
  413: { status: 413, type: 'payload-too-large' },
  415: { status: 415, type: 'unsupported-content-type' },
  429: { status: 429, type: 'too-many-requests' },
  503: { status: 503, type: 'service-unavailable' },
}

/** Codes whose status there means something else, or nothing. */
const BY_CODE: Readonly<Record<string, Said | undefined>> = {
  LEGAL_HOLD: BY_STATUS[403],
  CONTENT_EXPIRED: BY_STATUS[404],
  CONTENT_PENDING: BY_STATUS[404],
  CONTENT_NEVER_CAME: BY_STATUS[404],
}

const FAILED: Said = { status: 500, type: 'internal-server-error' }
const REQUEST: Said = { status: 400, type: 'request-validation' }

/** `{ "type": "…", "description": "…" }`. */
export function refusal({ code, status, publicMessage }: AppError): FacadeRefusal {
  const said = BY_CODE[code] ?? BY_STATUS[status] ?? (status >= 500 ? FAILED : REQUEST)
  const told = said === REQUEST ? `Your request could not be accepted: ${publicMessage}` : publicMessage
  return { status: said.status, body: { type: said.type, description: said.description ?? told } }
}
