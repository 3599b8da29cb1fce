import type { Sql } from '../../platform/db/database.ts'

/** Each key is written at most this often, all of them in one statement. */
const EVERY_MS = 60_000

export interface KeyUsageDeps {
  readonly database: Sql
  /** Told when times of use could not be written; they are lost. */
  readonly onLost: (error: unknown) => void
}

/** Keeps the time at which each key was used last, off the way of every request. */
export class KeyUsage {
  readonly #used = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly deps: KeyUsageDeps) {}

  note(keyId: string): void {
    this.#used.set(keyId, performance.now())
    this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS).unref()
  }

  /** Writes what was noted; called a last time before the database is closed. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#used.size === 0) return
    // As ages, since it is the database's clock that counts.
    const now = performance.now()
    const [ids, ages] = [[...this.#used.keys()], [...this.#used.values()].map(at => (now - at) / 1000)]
    this.#used.clear()
    await this.deps.database
      .query(
        `UPDATE api_key k SET last_used_at = greatest(k.last_used_at, now() - u.age * interval '1 second')
         FROM unnest($1::text[], $2::float8[]) AS u (id, age) WHERE k.id = u.id`,
        [ids, ages],
      )
      .catch(this.deps.onLost)
  }
}
