import { recordChange } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../../platform/db/keyset.ts'
import { readPage } from '../../../platform/db/page.ts'
import { isUniqueViolation } from '../../../platform/db/pg-errors.ts'
import type { SqlText } from '../../../platform/db/sql-builder.ts'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { type Once, unkeyed } from '../../../platform/idempotency/once.ts'
import { isStorable } from '../../../platform/lib/storable-text.ts'
import { accountNotFound } from '../access.errors.ts'
import { Account } from '../account.entity.ts'
import { checkScopes } from '../new-key.ts'
import { isScope, SCOPES, type Scope } from '../scopes.ts'
import { Application } from './application.entity.ts'
import { applicationNotFound, applicationTaken, invalidApplication } from './application.errors.ts'
import { readPublicKey } from './public-key.ts'
import type { Algorithm } from './verify-token.ts'

/** An application as it may be shown. */
export interface ApplicationRow {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly publicKey: string
  readonly algorithm: Algorithm
  readonly scopes: string[]
  readonly createdAt: Date
  readonly revokedAt: Date | null
}

export interface NewApplication {
  readonly accountId: string
  /** A new UUID without it. */
  readonly id?: string | null
  readonly name?: string | null
  /** PEM or a JWK. */
  readonly publicKey: string
  /** All that concern media without it. */
  readonly scopes?: readonly string[] | null
}

/** What an application may do when nothing is said: everything but to administer the account. */
export const MEDIA_SCOPES: readonly Scope[] = Object.keys(SCOPES)
  .filter(isScope)
  .filter(scope => scope !== 'admin')

const COLUMNS: SqlText = `a.id, a.account_id AS "accountId", a.name, a.public_key AS "publicKey", a.algorithm, a.scopes,
  a.created_at AS "createdAt", a.revoked_at AS "revokedAt"`

const NEWEST_FIRST: KeysetOrder = {
  name: 'APPLICATIONS',
  keys: [
    { sql: 'a.created_at', type: 'timestamptz' },
    { sql: 'a.id', type: 'text' },
  ],
  descending: true,
}

const ID = /^[A-Za-z0-9_-]{1,64}$/
const LONGEST_NAME = 200

/** The applications of all accounts, for operators; what an account's own administrators may is ApplicationAdmin's to say. */
export class ApplicationService {
  constructor(private readonly deps: { readonly database: Database; readonly newId: () => string }) {}

  /** Throws NOT_FOUND for an unknown account, PUBLIC_KEY_REFUSED, UNKNOWN_SCOPE, APPLICATION_TAKEN, INVALID_APPLICATION. */
  async create(request: NewApplication, once: Once = unkeyed): Promise<ApplicationRow> {
    const { accountId, id = null, scopes } = request
    const name = request.name ?? ''
    if (id !== null && !ID.test(id)) {
      throw invalidApplication('id', 'The id of an application has 1 to 64 letters, digits, "-" and "_".')
    }
    if (name.length > LONGEST_NAME || !isStorable(name)) {
      throw invalidApplication(
        'name',
        `A name has at most ${LONGEST_NAME} characters, no U+0000 and no half of a surrogate pair.`,
      )
    }
    if (scopes) checkScopes(scopes)
    const { pem, algorithm } = readPublicKey(request.publicKey)
    const row = {
      id: id ?? this.deps.newId(),
      accountId,
      name,
      publicKey: pem,
      algorithm,
      scopes: [...new Set(scopes ?? MEDIA_SCOPES)],
    }
    await this.deps.database
      .transaction(async tx => {
        await once.claim(tx, row.id)
        if (!(await tx.existsBy(Account, { id: accountId }))) throw accountNotFound(accountId)
        await tx.insert(Application, row)
        await recordChange(tx, {
          accountId,
          action: 'application.created',
          subjectId: row.id,
          details: { scopes: row.scopes, algorithm },
        })
      })
      .catch(error => {
        throw isUniqueViolation(error, 'application_pkey') ? applicationTaken() : error
      })
    return this.get(row.id)
  }

  /** Ends an application for good: its tokens are refused within 5 seconds at every node. Throws NOT_FOUND. */
  async revoke(id: string): Promise<ApplicationRow> {
    await this.deps.database.transaction(async tx => {
      const [[revoked]] = (await tx.query(
        `UPDATE application SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING account_id AS "accountId"`,
        [known(id)],
      )) as [{ accountId: string }[], number]
      if (revoked) await recordChange(tx, { ...revoked, action: 'application.revoked', subjectId: id })
    })
    return this.get(id)
  }

  /** Throws NOT_FOUND. */
  async get(id: string): Promise<ApplicationRow> {
    const [row] = await this.deps.database.query<ApplicationRow>(
      `SELECT ${COLUMNS} FROM application a WHERE a.id = $1`,
      [known(id)],
    )
    if (!row) throw applicationNotFound()
    return row
  }

  /** The applications of an account, revoked ones too, newest first. */
  async list(accountId: string, page: PageArguments): Promise<Connection<ApplicationRow>> {
    return readPage(this.deps.database, {
      select: COLUMNS,
      from: 'application a',
      where: p => `a.account_id = ${p.add(accountId)}`,
      order: NEWEST_FIRST,
      page: pageRequest(page),
    })
  }

  /** Those of one account or of all, newest first. */
  async all(accountId: string | null = null): Promise<ApplicationRow[]> {
    return this.deps.database.query<ApplicationRow>(
      `SELECT ${COLUMNS} FROM application a WHERE $1::text IS NULL OR a.account_id = $1
       ORDER BY a.created_at DESC, a.id DESC`,
      [accountId],
    )
  }
}

/** What has not the form of an id is no application's; PostgreSQL could not even read some of it. */
function known(id: string): string {
  if (!ID.test(id)) throw applicationNotFound()
  return id
}
