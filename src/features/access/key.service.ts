import type { EntityManager } from 'typeorm'
import { type Change, recordChange } from '../../platform/audit/trail.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { readPage } from '../../platform/db/page.ts'
import { isUniqueViolation } from '../../platform/db/pg-errors.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { type Once, unkeyed } from '../../platform/idempotency/once.ts'
import { accountNotFound, badOverlap, keyRevoked, keyTaken, lastAdminKey } from './access.errors.ts'
import { Account } from './account.entity.ts'
import { ensureAccount } from './account.service.ts'
import { ApiKey } from './api-key.entity.ts'
import { ApiSecret } from './api-secret.entity.ts'
import type { KeyCredential } from './credentials.ts'
import { ensureOwner } from './ensure-owner.ts'
import {
  endSecrets,
  KEY_COLUMNS,
  KEY_TABLES,
  type KeyRow,
  lockAmongAdmins,
  lockKey,
  readKey,
} from './key.rows.ts'
import { type CarriedOver, checkCarriedOver, checkNewKey, type NewKey } from './new-key.ts'
import { ALL_SCOPES } from './scopes.ts'
import type { SecretHashes } from './secret-hashes.ts'
import { newSecret, randomText } from './secrets.ts'

export interface KeyServiceDeps {
  readonly database: Database
  readonly hashes: Pick<SecretHashes, 'fast' | 'slow'>
  readonly newId: () => string
  readonly clock: Clock
}

export interface BootstrapKey extends KeyCredential {
  readonly accountId: string
}

export interface IssuedKey {
  readonly key: KeyRow
  /** Here for the only time; null when it was carried over, or given before. */
  readonly secret: string | null
}

export interface Rotation {
  /** For how many seconds the newest of the present secrets stays valid beside the new one; at most a year. */
  readonly keepOldFor?: number
  /** A random secret without it. */
  readonly carriedOver?: CarriedOver
}

type SecretRow = Pick<ApiSecret, 'id' | 'kind' | 'algorithm' | 'hash' | 'salt'>

const YEAR = 365 * 86_400
/** Any number will do: one node at a time decides whether a first key is needed. */
const LOCK = 7_308_332_185

const NEWEST_FIRST: KeysetOrder = {
  name: 'KEYS',
  keys: [
    { sql: 'k.created_at', type: 'timestamptz' },
    { sql: 'k.id COLLATE "C"', type: 'text' },
  ],
  descending: true,
}

/** The keys of all accounts, as operators manage them; what an account's own administrators may is for KeyAdmin to say. */
export class KeyService {
  constructor(private readonly deps: KeyServiceDeps) {}

  /** Throws NOT_FOUND for an unknown account, KEY_TAKEN, and what `checkNewKey` and `once` throw. */
  async create(request: NewKey, once: Once = unkeyed): Promise<IssuedKey> {
    checkNewKey(request, this.deps.clock.now())
    const id = request.id ?? `k${randomText(15)}`
    const { secret, row } = await this.#secret(request.carriedOver)
    const key = await this.#transaction(async tx => {
      await once.claim(tx, id)
      if (!(await tx.existsBy(Account, { id: request.accountId }))) throw accountNotFound(request.accountId)
      await tx.insert(ApiKey, {
        id,
        accountId: request.accountId,
        label: request.label ?? '',
        scopes: [...new Set(request.scopes)],
        ownerId: await this.#owner(tx, request),
        groupIds: [...new Set(request.groupIds)],
        expiresAt: request.expiresAt ?? null,
      })
      await tx.insert(ApiSecret, { ...row, keyId: id })
      await recordChange(
        tx,
        keyChange('created', { accountId: request.accountId, id }, { scopes: request.scopes }),
      )
      return readKey(tx, id)
    })
    return { key, secret }
  }

  /**
   * Gives the key a new secret; the old one ends at once, or after `keepOldFor`. Still older ones end in any case, so that there
   * are two at most. Throws NOT_FOUND, KEY_REVOKED, INVALID_KEY, KEY_TAKEN.
   */
  async rotate(id: string, { keepOldFor = 0, carriedOver }: Rotation = {}): Promise<IssuedKey> {
    if (!(keepOldFor >= 0 && keepOldFor <= YEAR)) throw badOverlap()
    if (carriedOver) checkCarriedOver(carriedOver)
    const { secret, row } = await this.#secret(carriedOver)
    const key = await this.#transaction(async tx => {
      if ((await lockKey(tx, id)).isRevoked) throw keyRevoked()
      await endSecrets(tx, id, keepOldFor)
      await tx.insert(ApiSecret, { ...row, keyId: id })
      const rotated = await readKey(tx, id)
      await recordChange(tx, keyChange('rotated', rotated, { keepOldFor }))
      return rotated
    })
    return { key, secret }
  }

  /**
   * Ends a key for good, at every node within 5 seconds; what is revoked stays so. Throws NOT_FOUND, and LAST_ADMIN_KEY unless
   * it is forced.
   */
  async revoke(id: string, { force = false } = {}): Promise<KeyRow> {
    return this.#transaction(async tx => {
      const { isLastAdmin } = await lockAmongAdmins(tx, id)
      if (isLastAdmin && !force) throw lastAdminKey()
      const [, revoked] = await tx.query(
        'UPDATE api_key SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL',
        [id],
      )
      await tx.delete(ApiSecret, { keyId: id })
      const key = await readKey(tx, id)
      if (revoked > 0) await recordChange(tx, keyChange('revoked', key, { force }))
      return key
    })
  }

  /** Throws NOT_FOUND. */
  async get(id: string): Promise<KeyRow> {
    return this.#transaction(tx => readKey(tx, id))
  }

  /** The keys of an account, those that are revoked or have expired too, newest first. */
  async list(accountId: string, page: PageArguments): Promise<Connection<KeyRow>> {
    return readPage<KeyRow>(this.deps.database, {
      select: KEY_COLUMNS,
      from: KEY_TABLES,
      where: p => `k.account_id = ${p.add(accountId)}`,
      order: NEWEST_FIRST,
      page: pageRequest(page),
    })
  }

  /** All keys of an account, or of all accounts. */
  async all(accountId?: string): Promise<KeyRow[]> {
    return this.deps.database.query<KeyRow>(
      `SELECT ${KEY_COLUMNS} FROM ${KEY_TABLES} WHERE $1::text IS NULL OR k.account_id = $1
       ORDER BY k.account_id, k.created_at, k.id`,
      [accountId ?? null],
    )
  }

  /** Makes sure that the account has this admin key with this secret and no other, whatever was there before. */
  async ensure({ accountId, keyId, secret }: BootstrapKey): Promise<void> {
    const { row } = await this.#secret({ secret })
    await this.#transaction(async tx => {
      await ensureAccount(tx, accountId)
      const key = { ...adminKey(accountId, keyId), label: 'bootstrap', revokedAt: null, expiresAt: null }
      await tx.upsert(ApiKey, key, ['id'])
      await tx.delete(ApiSecret, { keyId })
      await tx.insert(ApiSecret, { ...row, keyId })
      await recordChange(tx, keyChange('ensured', { accountId, id: keyId }, { scopes: key.scopes }))
    })
  }

  /** The first admin key of an installation that has none: its secret is here for the only time. Null when there are keys. */
  async createFirst(): Promise<BootstrapKey | null> {
    const secret = newSecret()
    return this.#transaction(async tx => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
      if (await tx.exists(ApiKey)) return null
      const key = { accountId: 'main', keyId: 'admin', secret }
      await ensureAccount(tx, key.accountId)
      await tx.insert(ApiKey, { ...adminKey(key.accountId, key.keyId), label: 'first start' })
      await tx.insert(ApiSecret, { ...this.#random(secret), keyId: key.keyId })
      await recordChange(
        tx,
        keyChange('created', { accountId: key.accountId, id: key.keyId }, { scopes: [ALL_SCOPES] }),
      )
      return key
    })
  }

  #transaction<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.deps.database.transaction(work).catch(error => {
      const isTaken = ['api_key_pkey', 'api_secret_token'].some(name => isUniqueViolation(error, name))
      throw isTaken ? keyTaken(error) : error
    })
  }

  #owner(tx: EntityManager, { accountId, owner }: NewKey): Promise<string> | null {
    if (!owner) return null
    const name = owner.name ?? null
    return ensureOwner(tx, { newId: this.deps.newId(), accountId, externalId: owner.id, name })
  }

  /** By its origin: what people may have chosen is hashed slowly, what is random or found by its hash fast. */
  async #secret(carriedOver: CarriedOver | undefined): Promise<{ secret: string | null; row: SecretRow }> {
    const { hashes, newId } = this.deps
    if (!carriedOver) {
      const secret = newSecret()
      return { secret, row: this.#random(secret) }
    }
    const row: SecretRow =
      'token' in carriedOver
        ? { id: newId(), kind: 'token', ...hashes.fast(carriedOver.token) }
        : { id: newId(), kind: 'secret', ...(await hashes.slow(carriedOver.secret)) }
    return { secret: null, row }
  }

  #random(secret: string): SecretRow {
    return { id: this.deps.newId(), kind: 'secret', ...this.deps.hashes.fast(secret) }
  }
}

const adminKey = (accountId: string, id: string) => ({ id, accountId, scopes: [ALL_SCOPES], groupIds: [] })

const keyChange = (
  verb: 'created' | 'rotated' | 'revoked' | 'ensured',
  { accountId, id }: Pick<KeyRow, 'accountId' | 'id'>,
  details: Change['details'],
): Change => ({ accountId, action: `key.${verb}`, subjectId: `key_${id}`, details })
