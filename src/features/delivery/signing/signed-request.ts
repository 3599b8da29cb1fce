import type { SignatureGrant } from '../../access/grant.ts'
import { type GivenSignature, ORIGINAL, type UrlSigner } from './url-signer.ts'

export interface AskedContent {
  readonly mediaId: string
  readonly version?: number
  readonly download: boolean
  /** The recipe of what is made from it; without one, the content itself. */
  readonly variant?: string
}

/**
 * The grant of a signed URL; null for a URL without any part of a signature. One with a signature is judged by it alone,
 * whatever credential comes with it. Throws SIGNATURE_INVALID, whether or not there is such a media.
 */
export function signatureGrant(
  signer: Pick<UrlSigner, 'verify'>,
  { exp, kid, sig }: GivenSignature,
  { mediaId, version = 0, download, variant = ORIGINAL }: AskedContent,
): SignatureGrant | null {
  if (exp === undefined && kid === undefined && sig === undefined) return null
  const disposition = download ? 'attachment' : 'inline'
  const content = { mediaId, contentVersion: version, variant, verb: 'GET', disposition } as const
  return { kind: 'signature', mediaId, expiresAt: signer.verify(content, { exp, kid, sig }) }
}
