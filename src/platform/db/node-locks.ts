import type { Client } from 'pg'

export interface NodeLocksDeps {
  /** A connection of its own, not yet opened: the locks live as long as it does. */
  readonly newClient: () => Client
  readonly onError: (error: unknown) => void
}

/**
 * Locks among nodes, by name, for work that takes long and of which a second run does no harm: no transaction and no connection of the
 * pool waits for it. A node that ends, however it ends, holds none any more. While the database cannot be asked, every lock is given.
 */
export class NodeLocks {
  #connection: Promise<Client> | null = null
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(private readonly deps: NodeLocksDeps) {}

  /** Whether the lock is ours now; one node must not ask for a name that it has. */
  async tryLock(name: string): Promise<boolean> {
    try {
      const rows = await this.#ask('pg_try_advisory_lock', name)
      return rows[0]?.done ?? true
    } catch (error) {
      this.deps.onError(error)
      return true
    }
  }

  /** Does not reject. What is asked for behind it comes behind it. */
  async unlock(name: string): Promise<void> {
    if (!this.#connection) return
    try {
      await this.#ask('pg_advisory_unlock', name)
    } catch (error) {
      this.deps.onError(error)
    }
  }

  /** Gives back all of them. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#last
    const client = await this.#connection?.catch(() => null)
    await client?.end().catch(() => undefined)
  }

  /** One question after the other, as the connection takes them. */
  #ask(work: 'pg_try_advisory_lock' | 'pg_advisory_unlock', name: string): Promise<{ done: boolean }[]> {
    const asked = this.#last.then(async () => {
      const client = await this.#connected()
      const text = `SELECT ${work}(hashtextextended($1, ${SEED})) AS done`
      return (await client.query<{ done: boolean }>(text, [name])).rows
    })
    this.#last = asked.catch(() => undefined)
    return asked
  }

  #connected(): Promise<Client> {
    if (this.#closed) throw new Error('the locks are closed')
    this.#connection ??= this.#connect()
    return this.#connection
  }

  async #connect(): Promise<Client> {
    const client = this.deps.newClient()
    const forget = () => {
      this.#connection = null
    }
    client.once('end', forget)
    client.on('error', error => {
      forget()
      if (!this.#closed) this.deps.onError(error)
    })
    try {
      await client.connect()
      return client
    } catch (error) {
      forget()
      throw error
    }
  }
}

/** Keeps these names apart from those of other locks of the same database. */
const SEED = 7_101
