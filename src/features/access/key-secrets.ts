import type { Sql } from '../../platform/db/database.ts'
import type { BearerTokens, KeyCredentials } from './authenticator.ts'
import type { KeyCredential } from './credentials.ts'
import type { SecretHashes, StoredSecret } from './secret-hashes.ts'
import type { Principal } from './viewer.ts'

interface KeyRow {
  readonly id: string
  readonly accountId: string
  readonly scopes: string[]
  readonly ownerId: string | null
  readonly groupIds: string[]
}

export interface KeySecretsDeps {
  readonly database: Sql
  readonly hashes: Pick<SecretHashes, 'fast' | 'isOneOf'>
  readonly usage: { note(keyId: string): void }
}

/** A key's secrets that are valid now, by the database's clock. */
const LIVE = `FROM api_key k JOIN api_secret s ON s.key_id = k.id
  WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND (s.expires_at IS NULL OR s.expires_at > now())`
const KEY = 'k.id, k.account_id AS "accountId", k.scopes, k.owner_id AS "ownerId", k.group_ids AS "groupIds"'

/**
 * Keys that are named and proved by a secret. A wrong secret of a key whose secret was carried over costs a slow hash, and an
 * unknown key does not: who measures that learns that a key exists, which is no secret. To hash slowly for every unknown
 * key would hand a lever to whoever wants to keep the gateway busy.
 */
export class KeySecrets implements KeyCredentials {
  constructor(private readonly deps: KeySecretsDeps) {}

  async principal({ keyId, secret }: KeyCredential): Promise<Principal | null> {
    const { database, hashes, usage } = this.deps
    if (keyId.includes('\0')) return null
    const rows = await database.query<KeyRow & StoredSecret>(
      `SELECT ${KEY}, s.algorithm, s.hash, s.salt ${LIVE} AND s.kind = 'secret' AND k.id = $1 ORDER BY s.created_at DESC`,
      [keyId],
    )
    // Compared also where there is no such key.
    const holds = await hashes.isOneOf(secret, rows.length > 0 ? rows : [NO_SECRET])
    const [key] = rows
    if (!key || !holds) return null
    usage.note(key.id)
    return principalOf(key)
  }
}

/** No text has this hash, short of a preimage of SHA-256. */
const NO_SECRET: StoredSecret = { algorithm: 'hmac', hash: Buffer.alloc(32), salt: null }

/**
 * Opaque tokens that were carried over from another system, whatever they look like. Found by their keyed hash: how far a
 * guess agrees with a token cannot be told from the time that it takes.
 */
export class OpaqueTokens implements BearerTokens {
  constructor(private readonly deps: KeySecretsDeps) {}

  async principal(token: string): Promise<Principal | null> {
    const { database, hashes, usage } = this.deps
    const [key] = await database.query<KeyRow>(`SELECT ${KEY} ${LIVE} AND s.kind = 'token' AND s.hash = $1`, [
      hashes.fast(token).hash,
    ])
    if (!key) return null
    usage.note(key.id)
    return principalOf(key)
  }
}

const principalOf = (key: KeyRow): Principal => ({
  kind: 'principal',
  accountId: key.accountId,
  name: `key:${key.id}`,
  scopes: new Set(key.scopes),
  ownerId: key.ownerId,
  groupIds: key.groupIds,
  applicationId: null,
  acl: null,
})
