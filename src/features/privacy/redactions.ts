import type { Readable } from 'node:stream'
import type { Sql } from '../../platform/db/database.ts'
import { commonErrors } from '../../platform/errors.ts'
import { Gate } from '../../platform/lib/gate.ts'
import type { ByteRange } from '../../platform/storage/driver.ts'
import type { StorageKey } from '../../platform/storage/key.ts'
import { storageFailure } from '../../platform/storage/storage-failure.ts'
import { type KeptPatch, keptPatch, type Patch, patchOf } from './redaction/patch.ts'
import { REDACTION_METHOD, redactionOf } from './redaction/redactors.ts'

/** Stored bytes of an account, and what they are. */
export interface StoredContent {
  readonly accountId: string
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  /** A redactable type. */
  readonly mimeType: string
  readonly storeId: string
  readonly key: StorageKey
}

export interface FoundRedaction {
  /** Null: nobody can say what to take out. */
  readonly patches: readonly Patch[] | null
  readonly foundAt: Date
}

interface RangeReader {
  readOrLost(ref: { storeId: string; key: StorageKey }, range?: ByteRange): Promise<Readable>
}

interface Row {
  readonly patches: readonly KeptPatch[] | null
  readonly createdAt: Date
}

const ALIKE = { running: 4, waiting: 1_000 }
const BATCH = 10_000

/** What has to be written over contents before the public gets them: found when first needed, and kept. */
export class Redactions {
  readonly #gate = new Gate(ALIKE)
  readonly #running = new Map<string, Promise<FoundRedaction>>()

  constructor(private readonly deps: { readonly database: Sql; readonly storage: RangeReader }) {}

  /** Rejects with a storage error, and then nothing is kept. Who asks for the same at one time waits for one search. */
  async of(content: StoredContent): Promise<FoundRedaction> {
    const { accountId, sha256 } = content
    const [known] = await this.deps.database.query<Row>(
      `SELECT patches, created_at AS "createdAt" FROM redaction
       WHERE account_id = $1 AND sha256 = $2 AND method = $3`,
      [accountId, sha256, REDACTION_METHOD],
    )
    if (known) return found(known)
    const key = `${accountId} ${sha256}`
    const running = this.#running.get(key) ?? this.#begin(key, content)
    return running
  }

  #begin(key: string, content: StoredContent): Promise<FoundRedaction> {
    const busy = () =>
      commonErrors.SERVICE_UNAVAILABLE('Too many files are looked through just now. Try again.', {
        retryAfter: 5,
      })
    const running = this.#gate.run(() => this.#find(content), busy).finally(() => this.#running.delete(key))
    this.#running.set(key, running)
    return running
  }

  async #find(content: StoredContent): Promise<FoundRedaction> {
    const patches = await redactionOf(content.mimeType, {
      size: content.size,
      read: (start, end) => this.#read(content, { start, end }),
    })
    const [kept] = await this.deps.database.query<Row>(
      // Of a content that was deleted for good meanwhile nothing is kept; the lock holds such a deletion up.
      `WITH kept AS (SELECT FROM media_version v JOIN media m ON m.id = v.media_id
         WHERE v.sha256 = $2 AND m.account_id = $1 LIMIT 1 FOR KEY SHARE OF v)
       INSERT INTO redaction (account_id, sha256, method, patches) SELECT $1, $2, $3, $4::jsonb FROM kept
       ON CONFLICT (account_id, sha256) DO UPDATE SET method = $3, patches = $4, created_at = now()
       RETURNING patches, created_at AS "createdAt"`,
      [
        content.accountId,
        content.sha256,
        REDACTION_METHOD,
        patches && JSON.stringify(patches.map(keptPatch)),
      ],
    )
    return kept ? found(kept) : { patches, foundAt: new Date() }
  }

  async #read(content: StoredContent, range: ByteRange): Promise<Buffer> {
    const stream = await this.deps.storage.readOrLost(content, range)
    try {
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk)
      return Buffer.concat(chunks)
    } catch (error) {
      throw storageFailure(error)
    }
  }

  /** Forgets what belongs to no content of its account any more. */
  async forget(): Promise<number> {
    const gone = await this.deps.database.query(
      `DELETE FROM redaction r WHERE (r.account_id, r.sha256) IN (
         SELECT account_id, sha256 FROM redaction o WHERE NOT EXISTS (
           SELECT FROM media_version v JOIN media m ON m.id = v.media_id
           WHERE v.sha256 = o.sha256 AND m.account_id = o.account_id)
         LIMIT ${BATCH}) RETURNING 1`,
    )
    return gone.length
  }
}

const found = ({ patches, createdAt }: Row): FoundRedaction => ({
  patches: patches === null ? null : patches.map(patchOf),
  foundAt: createdAt,
})
