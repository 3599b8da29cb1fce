import { defineErrors } from '../../platform/errors.ts'

export const deliveryErrors = defineErrors({
  CONTENT_EXPIRED: {
    status: 410,
    meaning: 'The time for which the media was kept is over; soon it leaves every list, too.',
  },
  CONTENT_PENDING: {
    status: 409,
    meaning: 'The media has no bytes yet: its import or upload is still under way.',
  },
  CONTENT_NEVER_CAME: {
    status: 409,
    meaning: 'The media has no bytes and will get none: its import failed, and its statusReason says why.',
  },
  CONTENT_NOT_SCANNED: {
    status: 409,
    meaning:
      'The content is kept back until a malware scan has found nothing; with Retry-After it waits for one, otherwise its scanDetail says why there is no verdict.',
  },
  CONTENT_QUARANTINED: {
    status: 403,
    meaning: 'A scan has found malware in the content. Nobody gets it, not even who may do anything else.',
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
