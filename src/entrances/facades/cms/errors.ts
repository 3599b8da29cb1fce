import type { AppError } from '../../../platform/errors.ts'
import type { FacadeRefusal } from '../facade.ts'

interface Said {
  readonly status: number
  readonly error: string
}

const NO_FILE: Said = { status: 400, error: 'No file uploaded' }
const NOT_STORED: Said = { status: 500, error: 'Failed to upload file' }
const NOT_RECORDED: Said = { status: 500, error: 'Failed to create media record' }

/** What its documentation says, word for word, by our codes. */
const TEXTS: Readonly<Record<string, Said>> = {
  UNAUTHENTICATED: { status: 401, error: 'Missing or invalid API token' },
  FORBIDDEN: { status: 403, error: 'Insufficient scope' },
  NOT_FOUND: { status: 404, error: 'Media not found' },
  FILE_MISSING: NO_FILE,
  UNSUPPORTED_MEDIA_TYPE: NO_FILE,
  UNSUPPORTED_TYPE: { status: 400, error: 'Invalid file type' },
  FILE_TOO_LARGE: { status: 413, error: 'File size too large' },
}

/** Where its documentation has another status than we have. */
const STATUSES: Readonly<Record<string, number>> = { INVALID_INPUT: 400 }

/** What it says of an upload that fails for no fault of its client. */
const UPLOAD_TEXTS: Readonly<Record<string, Said>> = {
  STORAGE_UNAVAILABLE: NOT_STORED,
  INSUFFICIENT_STORAGE: NOT_STORED,
  SIZE_MISMATCH: NOT_STORED,
  SERVICE_UNAVAILABLE: NOT_RECORDED,
  TIMEOUT: NOT_RECORDED,
  INTERNAL: NOT_RECORDED,
}

/** `{ "error": "…" }`; what its documentation has no words for is said in ours. */
export function refusal({ code, status, publicMessage }: AppError, method: string): FacadeRefusal {
  const ofUploads = method === 'POST' ? UPLOAD_TEXTS[code] : undefined
  const said = TEXTS[code] ?? ofUploads ?? { status: STATUSES[code] ?? status, error: publicMessage }
  return { status: said.status, body: { error: said.error } }
}
