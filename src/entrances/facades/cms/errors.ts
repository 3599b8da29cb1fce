import type { AppError } from '../../../platform/errors.ts'
import type { FacadeRefusal } from '../facade.ts'

/** What its documentation says, word for word, by our codes. */
const TEXTS: Readonly<Record<string, { readonly status: number; readonly error: string }>> = {
  UNAUTHENTICATED: { status: 401, error: 'Missing or invalid API token' },
  FORBIDDEN: { status: 403, error: 'Insufficient scope' },
  NOT_FOUND: { status: 404, error: 'Media not found' },
  FILE_MISSING: { status: 400, error: 'No file uploaded' },
  UNSUPPORTED_TYPE: { status: 400, error: 'Invalid file type' },
  FILE_TOO_LARGE: { status: 413, error: 'File size too large' },
  INSUFFICIENT_STORAGE: { status: 500, error: 'Failed to upload file' },
  SERVICE_UNAVAILABLE: { status: 500, error: 'Failed to upload file' },
  INTERNAL: { status: 500, error: 'Failed to create media record' },
}

/** `{ "error": "…" }`; what its documentation has no words for is said in ours. */
export function refusal({ code, status, publicMessage }: AppError): FacadeRefusal {
  const said = TEXTS[code] ?? { status, error: publicMessage }
  return { status: said.status, body: { error: said.error } }
}
