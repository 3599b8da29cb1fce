import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'

/**
 * What becomes of a statement: `forward` lets it pass, `cut` breaks the connection in its place, `cutAfter` forwards it,
 * waits until the server has carried it out, and breaks the connection in place of the answer.
 */
export type Verdict = 'forward' | 'cut' | 'cutAfter'

/** Sees each statement before the server does. `transaction` holds those since BEGIN, without this one. */
export type Judge = (statement: string, transaction: readonly string[]) => Verdict

export const isCommit = (statement: string): boolean => /^COMMIT\b/i.test(statement)
const isBegin = (statement: string): boolean => /^(BEGIN|START TRANSACTION)\b/i.test(statement)

/** Stands between the gateway and PostgreSQL and reads what clients say (PostgreSQL 18, 54.7, "Message Formats"). */
export class PgProxy implements AsyncDisposable {
  /** DATABASE_URL of the same database, by way of this proxy. */
  readonly url: string
  judge: Judge = () => 'forward'
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** False: a connection breaks as soon as its client says another word, and new ones at once. */
  reachable = true

  private constructor(server: Server, target: URL) {
    this.#server = server
    const url = new URL(target)
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    this.url = url.href
    // The host of a socket is its folder, percent-encoded.
    const folder = decodeURIComponent(target.hostname)
    const port = Number(target.port)
    const address = folder.startsWith('/')
      ? { path: join(folder, `.s.PGSQL.${port}`) }
      : { host: folder, port }
    server.on('connection', client => {
      if (this.reachable) this.#join(client, connect(address))
      else client.destroy()
    })
  }

  /** Listens on a free port of 127.0.0.1 for connections to the database at `url`. */
  static async open(url: string): Promise<PgProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new PgProxy(server, new URL(url))
  }

  #join(client: Socket, server: Socket): void {
    const statements = new StatementReader()
    let transaction: string[] = []
    let swallowing = false
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', cut).on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
    }
    client.on('data', (data: Buffer) => {
      if (!this.reachable) return cut()
      for (const statement of statements.read(data)) {
        const verdict = this.judge(statement, transaction)
        if (verdict === 'cut') return cut()
        swallowing ||= verdict === 'cutAfter'
        transaction = isBegin(statement) ? [] : [...transaction, statement]
      }
      server.write(data)
    })
    // The answer to a COMMIT comes once it is done.
    server.on('data', (data: Buffer) => (swallowing ? cut() : client.write(data)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }
}

const QUERY = 'Q'.charCodeAt(0)
const PARSE = 'P'.charCodeAt(0)
const LENGTH_BYTES = 4

/** Cuts what one client sends into messages. The first has no type byte; encryption is not asked for. */
class StatementReader {
  #rest: Buffer = Buffer.alloc(0)
  #typeBytes = 0

  /** The SQL of the Query and Parse messages that are complete now. */
  read(data: Buffer): string[] {
    const statements: string[] = []
    this.#rest = Buffer.concat([this.#rest, data])
    while (this.#rest.length >= this.#typeBytes + LENGTH_BYTES) {
      const end = this.#typeBytes + this.#rest.readInt32BE(this.#typeBytes)
      if (this.#rest.length < end) break
      const type = this.#typeBytes === 0 ? 0 : this.#rest[0]
      const body = this.#rest.subarray(this.#typeBytes + LENGTH_BYTES, end).toString('utf8')
      this.#rest = this.#rest.subarray(end)
      this.#typeBytes = 1
      if (type === QUERY) statements.push(body.split('\0', 1)[0] ?? '')
      // Its first string is the name of the prepared statement.
      if (type === PARSE) statements.push(body.split('\0', 2)[1] ?? '')
    }
    return statements
  }
}
