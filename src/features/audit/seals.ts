import { createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto'

/** A row as it is sealed: everything that it says. */
export interface SealedText {
  readonly id: string
  readonly accountId: string
  readonly occurredAt: Date
  readonly principal: string
  readonly action: string
  readonly subjectId: string | null
  readonly outcome: 'done' | 'refused'
  readonly code: string | null
  readonly rule: string | null
  readonly requestId: string | null
  readonly details: Readonly<Record<string, unknown>>
  readonly count: number
}

/** A place in the chain of an account: 0 and nothing at its beginning. */
export interface Link {
  readonly number: number
  readonly seal: Buffer
}

/** What a store keeps of a chain. */
export interface CheckpointText extends Link {
  readonly accountId: string
  readonly writtenAt: string
}

interface Key {
  readonly id: string
  readonly secret: Buffer
}

/**
 * HMAC-SHA-256 (RFC 2104) under keys that are derived of peppers by HKDF (RFC 5869): whoever can write to the database or the
 * store alone can make none. The first pepper seals; a row names its key, so that others can be verified as long as their
 * peppers are known. The first field says what kind of thing is sealed, and JSON parts the fields.
 */
export class Seals {
  readonly #keys: ReadonlyMap<string, Buffer>
  /** Names the key that seals now. */
  readonly keyId: string

  constructor({ pepper, formerPeppers }: { pepper: string; formerPeppers: readonly string[] }) {
    const keys = [pepper, ...formerPeppers].map(keyOf)
    this.#keys = new Map(keys.map(({ id, secret }) => [id, secret]))
    this.keyId = (keys[0] as Key).id
  }

  knows(keyId: string): boolean {
    return this.#keys.has(keyId)
  }

  /** The seal of a row behind another one. */
  ofRow(row: SealedText, { previous, number, keyId = this.keyId }: Place): Buffer {
    return this.#mac(keyId, [
      'row',
      previous.toString('hex'),
      number,
      row.id,
      row.accountId,
      row.occurredAt.toISOString(),
      row.principal,
      row.action,
      row.subjectId,
      row.outcome,
      row.code,
      row.rule,
      row.requestId,
      canonical(row.details),
      row.count,
    ])
  }

  /** What proves a checkpoint. */
  ofCheckpoint({ accountId, number, seal, writtenAt }: CheckpointText, keyId = this.keyId): Buffer {
    return this.#mac(keyId, ['checkpoint', accountId, number, seal.toString('hex'), writtenAt])
  }

  /** What proves that the rows up to this one were removed by their age. */
  ofBase(accountId: string, { number, seal }: Link, keyId = this.keyId): Buffer {
    return this.#mac(keyId, ['base', accountId, number, seal.toString('hex')])
  }

  /** What proves that it was a gateway who gave these checkpoints up. */
  ofGivenUp(accountId: string, marks: readonly string[], keyId = this.keyId): Buffer {
    return this.#mac(keyId, ['given-up', accountId, ...marks])
  }

  #mac(keyId: string, fields: readonly unknown[]): Buffer {
    const secret = this.#keys.get(keyId)
    if (!secret) throw new Error(`no key ${keyId}`)
    return createHmac('sha256', secret).update(JSON.stringify(fields)).digest()
  }
}

interface Place {
  readonly previous: Buffer
  readonly number: number
  readonly keyId?: string
}

export const isSameSeal = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

function keyOf(pepper: string): Key {
  const secret = Buffer.from(hkdfSync('sha256', pepper, '', 'media-gateway audit log', 32))
  return { id: hash('sha256', `audit key ${secret.toString('hex')}`, 'hex').slice(0, 8), secret }
}

/** One text for one value: PostgreSQL keeps no order of keys. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, canonical(each)])
}
