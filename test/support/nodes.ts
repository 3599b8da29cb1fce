import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FaultLog } from '../faults/fault-log.ts'
import { type Environment, GatewayProcess } from '../faults/gateway-process.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import { openTestStore, type TestStore } from './stores.ts'

/** A gateway as a process of its own. */
export interface Node {
  readonly name: string
  readonly origin: string
  readonly process: GatewayProcess
}

/** Gateways as processes of one installation: one database, one store. Disposing of them is a check: the doctor must find nothing. */
export class Nodes implements AsyncDisposable {
  readonly #running = new Set<GatewayProcess>()
  readonly #logs: FaultLog[] = []

  private constructor(
    private readonly folder: string,
    private readonly on: { readonly database: TestDatabase; readonly store: TestStore },
    private readonly environment: Environment,
  ) {}

  static async open(environment: Environment = {}): Promise<Nodes> {
    const folder = await mkdtemp(join(tmpdir(), 'media-gateway-nodes-'))
    const [database, store] = await Promise.all([createDatabase(), openTestStore(join(folder, 'files'))])
    return new Nodes(folder, { database, store }, environment)
  }

  async start(name: string, environment: Environment = {}): Promise<Node> {
    const started = this.#spawn(['serve'], name, environment)
    return { name, origin: await started.origin(), process: started }
  }

  /** A file for the FAULT_LOG of one of them, read while it is written; closed with the others. */
  faultLog(): FaultLog {
    const log = new FaultLog(join(this.folder, `faults-${this.#logs.length}.log`))
    this.#logs.push(log)
    return log
  }

  /** Kills it as it stands. */
  async kill({ process }: Node): Promise<void> {
    await process.kill()
  }

  /** Starts one that was killed again, at the address where its clients look for it. */
  async restart({ name, origin }: Node): Promise<Node> {
    return this.start(name, { PORT: new URL(origin).port })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const doctor = this.#spawn(['doctor', '--json'], 'doctor', {})
    const { code } = await doctor.ended
    for (const running of [...this.#running]) await running.kill()
    for (const log of this.#logs) log.close()
    await this.on.database.drop()
    await this.on.store.remove()
    await rm(this.folder, { recursive: true, force: true })
    if (code !== 0) throw new Error(`the doctor found: ${doctor.said()}`)
  }

  #spawn(command: readonly string[], name: string, environment: Environment): GatewayProcess {
    const started = new GatewayProcess(command, {
      DATA_DIR: join(this.folder, name),
      DATABASE_URL: this.on.database.url,
      STORAGE_URL: this.on.store.url,
      ...this.on.store.environment,
      KEY_PEPPER: 'pepper for tests only',
      SIGNING_KEYS: 'test:signing-key-for-tests-only',
      BOOTSTRAP_API_KEY: 'acme:root:secretsecretsecret',
      RATE_LIMIT: 'off',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
      ...this.environment,
      ...environment,
    })
    this.#running.add(started)
    void started.ended.then(() => this.#running.delete(started))
    return started
  }
}
