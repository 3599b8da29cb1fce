import { argon2, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { commonErrors } from '../../platform/errors.ts'
import { Gate } from '../../platform/lib/gate.ts'

/** What is stored of a secret. */
export interface StoredSecret {
  readonly algorithm: keyof typeof ALGORITHMS
  readonly hash: Buffer
  /** Of argon2id; null without one. */
  readonly salt: Buffer | null
}

/**
 * By where a secret comes from: random ones gain nothing from a slow hash, and what people chose is easily guessed without
 * one. Other parameters are another row, never a change of this one.
 */
const ALGORITHMS = {
  /** HMAC-SHA-256 keyed by the pepper, for at least 256 random bits. */
  hmac: null,
  /** RFC 9106 with the pepper as its secret value; the least that OWASP's password storage cheat sheet allows. */
  argon2id: { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 },
} as const

/** Slow hashes at once, so that failed logins leave threads and memory (19 MiB each) to everything else; and who may wait. */
const SLOW = { running: 2, waiting: 64 } as const

const slowHash = promisify(argon2)

/** Makes and compares hashes of secrets. The pepper is not in the database: its rows alone allow no guessing. */
export class SecretHashes {
  readonly #gate = new Gate(SLOW)

  constructor(private readonly deps: { readonly pepper: string }) {}

  /** For random secrets, and for tokens, which are found by it: equal texts have equal hashes. */
  fast(text: string): StoredSecret & { readonly algorithm: 'hmac' } {
    const hash = createHmac('sha256', this.deps.pepper).update(text).digest()
    return { algorithm: 'hmac', hash, salt: null }
  }

  /** For secrets that people chose. Throws SERVICE_UNAVAILABLE when too many are being hashed. */
  async slow(text: string, salt: Buffer = randomBytes(16)): Promise<StoredSecret> {
    const hash = await this.#gate.run(
      () =>
        slowHash('argon2id', {
          ...ALGORITHMS.argon2id,
          message: Buffer.from(text),
          nonce: salt,
          secret: Buffer.from(this.deps.pepper),
        }),
      () =>
        commonErrors.SERVICE_UNAVAILABLE('Too many logins at once. Try again shortly.', { retryAfter: 1 }),
    )
    return { algorithm: 'argon2id', hash, salt }
  }

  /** Whether the text is one of these secrets; compared in constant time. */
  async isOneOf(text: string, stored: readonly StoredSecret[]): Promise<boolean> {
    const fast = this.fast(text).hash
    for (const secret of stored) {
      const given = secret.salt ? (await this.slow(text, secret.salt)).hash : fast
      if (given.length === secret.hash.length && timingSafeEqual(given, secret.hash)) return true
    }
    return false
  }
}
