/** What a media is, as a person would say it. */
export const MediaKind = {
  IMAGE: 'IMAGE',
  VIDEO: 'VIDEO',
  AUDIO: 'AUDIO',
  DOCUMENT: 'DOCUMENT',
  FILE: 'FILE',
} as const
export type MediaKind = keyof typeof MediaKind

/** Where a media stands between its announcement and being fully understood. */
export const MediaStatus = {
  PENDING: 'PENDING',
  PROCESSING: 'PROCESSING',
  COMPLETED: 'COMPLETED',
  FAILED: 'FAILED',
} as const
export type MediaStatus = keyof typeof MediaStatus
