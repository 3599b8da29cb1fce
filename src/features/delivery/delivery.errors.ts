import { defineErrors } from '../../platform/errors.ts'

export const deliveryErrors = defineErrors({
  CONTENT_PENDING: {
    status: 409,
    meaning: 'The media has no bytes yet: its import or upload is still under way.',
  },
  CONTENT_NEVER_CAME: {
    status: 409,
    meaning: 'The media has no bytes and will get none: its import failed, and its statusReason says why.',
  },
  DOWNLOAD_LIMIT_REACHED: {
    status: 403,
    meaning: 'The media, or the share link, was used as often as its maxDownloads allows.',
  },
  SIGNATURE_INVALID: {
    status: 403,
    meaning: 'The signed URL was changed, has expired, or its key was retired; ask for a new one.',
  },
})
