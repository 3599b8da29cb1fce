import type { Viewer } from './viewer.ts'

/** What a signed URL is worth: whoever has it may fetch the content of one media until it expires. */
export interface SignatureGrant {
  readonly kind: 'signature'
  readonly mediaId: string
  readonly expiresAt: Date
}

/** What a share link is worth: whoever has it may fetch the content of one media until it expires or is revoked. */
export interface LinkGrant {
  readonly kind: 'link'
  readonly mediaId: string
  readonly linkId: string
  /** 0 = any number. */
  readonly maxDownloads: number
}

/** What the hash of a media is worth, where a system knows URLs that hold it: its present content, for as long as the media is there. */
export interface HashGrant {
  readonly kind: 'hash'
  readonly mediaId: string
}

/** Opens the content of its media and nothing else, whoever asks. */
export type Grant = SignatureGrant | LinkGrant | HashGrant

/** Who asks for content: a viewer by their rights, or whoever has a grant. */
export type Asker = Viewer | Grant

export const isGrant = (asker: Asker): asker is Grant =>
  asker.kind !== 'anonymous' && asker.kind !== 'principal'
