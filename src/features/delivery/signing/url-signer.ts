import type { Clock } from '../../../platform/clock.ts'
import {
  isSignature,
  type SigningKey,
  type SigningKeys,
  signatureOf,
} from '../../../platform/signing-keys.ts'
import { deliveryErrors } from '../delivery.errors.ts'

/** What a signature is bound to: a URL that differs in any of it is another one. */
export interface SignedContent {
  readonly mediaId: string
  readonly contentVersion: number
  /** The content itself, or the recipe of what is made from it. */
  readonly variant: string
  /** GET covers HEAD. */
  readonly verb: 'GET'
  readonly disposition: 'inline' | 'attachment'
}

/** The variant that is the content itself. */
export const ORIGINAL = 'original'

/** Parameters of a signed URL; `exp` in Unix seconds. */
export interface UrlSignature {
  readonly exp: number
  readonly kid: string
  readonly sig: string
}

/** The same parameters as a client sent them. */
export type GivenSignature = { readonly [K in keyof UrlSignature]?: unknown }

/** Makes and checks the signatures of URLs: HMAC-SHA-256 in base64url. Nothing of a URL is stored. */
export class UrlSigner {
  constructor(private readonly deps: { readonly keys: SigningKeys; readonly clock: Clock }) {}

  /**
   * A signature that ends at most `seconds` from now, and at least 59/60 of that: within a step of one sixtieth the same
   * content has the same URL, which a cache can make use of.
   */
  sign(content: SignedContent, seconds: number): UrlSignature {
    const [key] = this.deps.keys
    const step = Math.max(1, Math.floor(seconds / 60))
    const exp = Math.floor((this.#now() + seconds) / step) * step
    return { exp, kid: key.kid, sig: signature(key, content, exp) }
  }

  /** When the signature ends; throws SIGNATURE_INVALID for one that is not ours, not for this content, or has ended. */
  verify(content: SignedContent, { exp, kid, sig }: GivenSignature): Date {
    const key = this.deps.keys.find(candidate => candidate.kid === kid)
    const ends = typeof exp === 'string' && /^\d{1,12}$/.test(exp) ? Number(exp) : 0
    const holds = key && typeof sig === 'string' && isSignature(sig, signature(key, content, ends))
    if (!holds || ends <= this.#now()) {
      throw deliveryErrors.SIGNATURE_INVALID(
        'This signed URL is not valid, or not any more. Ask for a new one.',
      )
    }
    return new Date(ends * 1000)
  }

  /** Unix seconds. */
  #now(): number {
    return this.deps.clock.now().getTime() / 1000
  }
}

function signature(key: SigningKey, content: SignedContent, exp: number): string {
  const { mediaId, contentVersion, variant, verb, disposition } = content
  return signatureOf(key, ['url-1', key.kid, verb, mediaId, contentVersion, variant, disposition, exp])
}
