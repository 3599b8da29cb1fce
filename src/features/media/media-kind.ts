/** What a media is, as a person would say it. */
export const MediaKind = {
  IMAGE: 'IMAGE',
  VIDEO: 'VIDEO',
  AUDIO: 'AUDIO',
  DOCUMENT: 'DOCUMENT',
  FILE: 'FILE',
} as const
export type MediaKind = keyof typeof MediaKind

/** What the malware scan says of a content. Nothing but CLEAN means that it was looked at and nothing was found. */
export const ScanState = {
  NOT_CONFIGURED: 'NOT_CONFIGURED',
  PENDING: 'PENDING',
  CLEAN: 'CLEAN',
  INFECTED: 'INFECTED',
  ERROR: 'ERROR',
} as const
export type ScanState = keyof typeof ScanState

/** Where a media stands between its announcement and being fully understood. */
export const MediaStatus = {
  PENDING: 'PENDING',
  PROCESSING: 'PROCESSING',
  COMPLETED: 'COMPLETED',
  FAILED: 'FAILED',
} as const
export type MediaStatus = keyof typeof MediaStatus
