import { mediaErrors } from '../../media/media.errors.ts'
import { checkedText, type MediaFields } from '../../media/media.fields.ts'
import { declaredTypeIn } from '../declared-type.ts'
import type { DuplicatePolicy } from '../duplicate-policy.ts'
import type { Replacement } from '../replacement.ts'
import { fileTooLarge } from '../upload.errors.ts'
import { isTypePattern } from './accepted-types.ts'

/** What somebody wants to upload, as they say it; nothing of it is checked. */
export interface WantedUpload {
  readonly fileName?: string | null
  readonly mimeType?: string | null
  /** Bytes. */
  readonly size?: number | null
  readonly maxSize?: number | null
  readonly sha256?: string | null
  readonly accept?: readonly string[] | null
  readonly replaces?: Replacement | null
  readonly onDuplicate?: DuplicatePolicy | null
  readonly storeId?: string | null
  readonly fields: MediaFields
}

/** The part of a wish that is about the bytes, as a ticket has it. */
export interface ExpectedBytes {
  readonly fileName: string | null
  readonly declaredType: string | null
  readonly size: number | null
  readonly maxSize: number | null
  readonly sha256: string | null
  readonly accept: readonly string[] | null
}

const LONGEST_NAME = 255
const LONGEST_TYPE = 255
const MOST_PATTERNS = 50

/** Throws INVALID_INPUT, FILE_TOO_LARGE. */
export function expectedBytes(wish: WantedUpload, maxBytes: number): ExpectedBytes {
  const size = bytesIn(wish, 'size')
  const maxSize = bytesIn(wish, 'maxSize')
  const limit = Math.min(maxSize ?? maxBytes, maxBytes)
  if (size !== null && size > limit) throw fileTooLarge(limit, size).about(['input', 'size'])
  const sha256 = wish.sha256?.toLowerCase() ?? null
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256))
    throw invalid('sha256', 'is not 64 hexadecimal digits')
  return {
    fileName: wish.fileName == null ? null : checkedText(wish.fileName, 'fileName', LONGEST_NAME),
    declaredType: declaredType(wish),
    size,
    maxSize,
    sha256,
    accept: acceptedTypes(wish.accept ?? null),
  }
}

function declaredType({ mimeType }: WantedUpload): string | null {
  if (mimeType == null) return null
  return declaredTypeIn(checkedText(mimeType, 'mimeType', LONGEST_TYPE)) ?? null
}

function bytesIn(wish: WantedUpload, field: 'size' | 'maxSize'): number | null {
  const bytes = wish[field] ?? null
  if (bytes !== null && bytes < 0) throw invalid(field, 'is below 0')
  return bytes
}

function acceptedTypes(accept: readonly string[] | null): readonly string[] | null {
  if (!accept) return null
  const patterns = accept.map(pattern => pattern.toLowerCase())
  if (patterns.length === 0 || patterns.length > MOST_PATTERNS || !patterns.every(isTypePattern))
    throw invalid('accept', `names 1 to ${MOST_PATTERNS} media types, such as "image/png" or "image/*"`)
  return patterns
}

const invalid = (field: string, why: string) =>
  mediaErrors.INVALID_INPUT(`${field} ${why}.`, { field: ['input', field] })
