import { AppError, defineErrors } from '../../platform/errors.ts'
import { seesUsage } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import type { Shortage } from '../blobs/quotas.ts'

export const usageErrors = defineErrors({
  QUOTA_EXCEEDED: {
    // Not 507 (RFC 4918, 11.5; RFC 4331, 6): clients of tus and of S3 try again whatever is 5xx, and this does not pass by itself.
    status: 413,
    meaning:
      'The account has no room for it: its quota of bytes or of media would be exceeded. Nothing of it was kept; delete something for good, or ask the operator for more.',
  },
})

const WHAT = {
  BYTES: { unit: 'bytes', next: 'Delete media for good, or ask the operator of the gateway for more room.' },
  ITEMS: {
    unit: 'media',
    next: 'Delete media for good (those in the trash count), or ask the operator of the gateway for more.',
  },
} as const

/** The refusal as everybody may see it. What the account uses is kept back until it is known who asks. */
class QuotaExceeded extends AppError {
  constructor(readonly shortage: Shortage) {
    const { quota, requested, limit } = shortage
    const { unit, next } = WHAT[quota]
    const message = `The account has no room for ${requested} more ${unit}. ${next}`
    super(usageErrors.QUOTA_EXCEEDED(message), message, {
      details: { quota, limit, used: null, reserved: null, requested },
    })
  }
}

export const quotaExceeded = (shortage: Shortage): AppError => new QuotaExceeded(shortage)

/** The refusal with the account's figures, for who may see them; any other error as it is. */
export function withFigures(error: unknown, viewer: Viewer | undefined): unknown {
  if (!(error instanceof QuotaExceeded) || !viewer || !seesUsage(viewer)) return error
  const { quota, limit, used, reserved, requested } = error.shortage
  const { unit, next } = WHAT[quota]
  const held = reserved > 0 ? `, and ${reserved} are held for uploads under way` : ''
  const message = `The account has no room for ${requested} more ${unit}: of ${limit} it uses ${used}${held}. ${next}`
  return new AppError(error, message, { details: { quota, limit, used, reserved, requested } })
}

export const isQuotaExceeded = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'QUOTA_EXCEEDED'
