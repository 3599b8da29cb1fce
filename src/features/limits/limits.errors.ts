import { defineErrors } from '../../platform/errors.ts'

export const limitsErrors = defineErrors({
  RATE_LIMITED: {
    status: 429,
    meaning: 'Too many requests or failed logins; the same may succeed after Retry-After.',
  },
})

export const tooManyLogins = (waitMs: number) => {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000))
  return limitsErrors.RATE_LIMITED(`Too many failed logins. Try again in ${retryAfter} s, not before.`, {
    retryAfter,
  })
}
