import type { JWTVerifyGetKey } from 'jose'
import type { Clock } from '../../../platform/clock.ts'
import { badCredential } from '../access.errors.ts'
import { isScope } from '../scopes.ts'
import type { Principal } from '../viewer.ts'
import { parseAcl } from './acl-claim.ts'
import { textOf, textsOf } from './claim.ts'
import type { Issuer } from './issuers.config.ts'
import type { TokenSigner } from './jwt.tokens.ts'
import type { Claims } from './unverified-token.ts'
import { verifiedClaims } from './verify-token.ts'

export interface IssuerTokensDeps {
  readonly issuer: Issuer
  readonly keys: JWTVerifyGetKey
  readonly owners: Owners
  readonly clock: Clock
}

export interface Owners {
  /** The UUID of an owner, who is made known when nobody has heard of it; null where there is no such account. */
  idOf(owner: { accountId: string; externalId: string; name: string | null }): Promise<string | null>
}

const MOST_GROUPS = 100

/** Tokens of one outside identity provider. They always act for an owner, the one whom the token is about. */
export class IssuerTokens implements TokenSigner {
  constructor(private readonly deps: IssuerTokensDeps) {}

  claims({ iss }: Claims): boolean {
    return iss === this.deps.issuer.issuer
  }

  async principal(token: string): Promise<Principal> {
    const { issuer, keys, owners, clock } = this.deps
    const claims = await verifiedClaims(token, {
      key: keys,
      algorithms: issuer.algorithms,
      types: ['jwt', 'at+jwt'],
      now: clock.now(),
      claims: { issuer: issuer.issuer, audience: [...issuer.audience], requiredClaims: ['exp'] },
    })
    const { account, ownerNameClaim, groupsClaim } = issuer
    const accountId = 'id' in account ? account.id : textOf(claims, account.claim)
    const externalId = textOf(claims, issuer.ownerClaim)
    const groupIds = groupsClaim === null ? [] : textsOf(claims, groupsClaim)
    const acl = parseAcl(claims.acl)
    if (!accountId || !externalId || groupIds.length > MOST_GROUPS || acl === 'malformed')
      throw badCredential()
    const name = ownerNameClaim === null ? null : textOf(claims, ownerNameClaim)
    const ownerId = await owners.idOf({ accountId, externalId, name })
    if (!ownerId) throw badCredential()
    return {
      kind: 'principal',
      accountId,
      name: `issuer:${issuer.name}/${externalId}`,
      scopes: new Set(textsOf(claims, issuer.scopesClaim, ' ').filter(isScope)),
      ownerId,
      groupIds,
      applicationId: null,
      acl,
    }
  }
}
