import { badCredential } from '../access.errors.ts'
import type { BearerTokens } from '../authenticator.ts'
import type { Principal } from '../viewer.ts'
import { type Claims, readUnverified } from './unverified-token.ts'

/** Those who stand for the tokens of one kind of signers. */
export interface TokenSigner {
  /** Whether a token with these claims, which nobody has checked yet, would be one of theirs. */
  claims(claims: Claims): boolean
  /** Who the token stands for; throws UNAUTHENTICATED when it does not hold, SERVICE_UNAVAILABLE when that cannot be told. */
  principal(token: string, unverified: Claims): Promise<Principal>
}

/** JSON Web Tokens. What has their form is one: it holds or it is refused, and is never passed on. */
export class JwtTokens implements BearerTokens {
  constructor(private readonly deps: { readonly signers: readonly TokenSigner[] }) {}

  async principal(token: string): Promise<Principal | null> {
    const unverified = readUnverified(token)
    if (!unverified) return null
    const { claims } = unverified
    const signer = claims && this.deps.signers.find(candidate => candidate.claims(claims))
    if (!signer) throw badCredential()
    return signer.principal(token, claims)
  }
}
