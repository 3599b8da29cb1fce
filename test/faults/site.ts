import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isOfStore } from './aborts/resources.ts'
import { Client, type Outcome, type UploadOptions } from './client.ts'
import { FaultLog } from './fault-log.ts'
import { type End, type Environment, GatewayProcess } from './gateway-process.ts'
import { Journal } from './journal.ts'
import { endPostgres } from './postmaster.ts'
import { makeSpecimen, type Specimen } from './specimen.ts'

export const LEASE_SECONDS = 2
/** Key and secret of the client, as BOOTSTRAP_API_KEY has them. */
export const SECRET = 'root:secretsecretsecret'
export const AUTHORIZATION = `Bearer mgw_${SECRET.replace(':', '_')}`

const ENVIRONMENT: Environment = {
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'warn',
  UPLOAD_LEASE_SECONDS: String(LEASE_SECONDS),
  TRASH_DAYS: '0',
  // Far away, so that nothing is refused by it, and bytes of unknown number are held as they come.
  QUOTA_BYTES: '1TB',
  BOOTSTRAP_API_KEY: `acme:${SECRET}`,
  KEY_PEPPER: 'pepper for tests only',
  SIGNING_KEYS: 'test:signing-key-for-tests-only',
}

/** Its modules are those of the processes that are broken, loaded once: to start a process for each look would take longer than the look. */
const program = (): Promise<typeof import('../../src/entrances/cli/program.ts')> =>
  import(new URL('../../dist/entrances/cli/program.js', import.meta.url).href)

/** What may be broken in one run of the program. */
export interface Faults {
  /** FAULT, see src/platform/fault.ts. */
  readonly fault?: string
  readonly log?: FaultLog
}

/**
 * An installation under test: a data folder, at most one gateway that serves it, the commands of the operator, and a
 * client with its journal. Disposing of it ends every process that it has started, the embedded PostgreSQL too.
 */
export class Site implements AsyncDisposable {
  readonly folder: string
  readonly journal: Journal
  readonly #environment: Environment
  readonly #processes = new Set<GatewayProcess>()
  readonly #logs: FaultLog[] = []
  #gateway: GatewayProcess | undefined
  #lastGateway: GatewayProcess | undefined
  #client: Client | undefined
  #lastEnd = 0

  private constructor(folder: string, environment: Environment) {
    this.folder = folder
    this.#environment = { ...ENVIRONMENT, DATA_DIR: this.dataDir, ...environment }
    this.journal = new Journal(join(folder, 'journal'))
  }

  /** A new one, empty. Without DATABASE_URL in `environment` it runs its own PostgreSQL. */
  static async create(environment: Environment = {}): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'media-gateway-faults-'))
    // The system user that runs PostgreSQL for root must pass through.
    await chmod(folder, 0o755)
    return new Site(folder, environment)
  }

  get dataDir(): string {
    return join(this.folder, 'data')
  }

  get gateway(): GatewayProcess {
    assert(this.#gateway, 'no gateway runs')
    return this.#gateway
  }

  get client(): Client {
    assert(this.#client, 'no gateway runs')
    return this.#client
  }

  /** Starts the gateway and waits until it listens. */
  async start(faults: Faults = {}): Promise<void> {
    this.#gateway = this.#lastGateway = this.spawn(['serve'], environmentOf(faults))
    this.#client = new Client(await this.#gateway.origin(), `mgw_${SECRET.replace(':', '_')}`)
  }

  /** Any command of the program, beside a running gateway or without one. */
  spawn(command: readonly string[], environment: Environment = {}): GatewayProcess {
    const started = new GatewayProcess(command, { ...this.#environment, ...environment })
    this.#processes.add(started)
    void started.ended.then(() => this.#processes.delete(started))
    return started
  }

  /** Runs a command of the built program to its end, in this process; gives the JSON that it answered. Rejects unless it comes to 0. */
  async command(name: 'reap' | 'doctor' | 'migrate', environment: Environment = {}): Promise<unknown> {
    const said: string[] = []
    let output = ''
    const code = await (await program()).runProgram(['node', 'media-gateway', name, '--json'], {
      env: { ...this.#environment, ...environment },
      print: line => {
        output += line
      },
      printError: line => said.push(line),
      readInput: async () => '',
      useTempFolder: () => undefined,
      onSignal: () => undefined,
      exit: () => undefined,
    })
    assert.equal(code, 0, `${name} failed: ${said.join('\n')}`)
    return JSON.parse(output)
  }

  /** A `reap` that is expected to die of its fault. */
  async reapUntilKilled(faults: Faults): Promise<End> {
    return this.spawn(['reap', '--json'], environmentOf(faults)).ended
  }

  /** Notes the upload, sends it, and notes what came of it. */
  async upload(specimen: Specimen, options?: UploadOptions): Promise<Outcome> {
    this.journal.append({ event: 'begun', specimen })
    const outcome = await this.client.upload(specimen, options)
    const { name } = specimen
    if (outcome.kind === 'acknowledged') this.journal.append({ event: 'acknowledged', name, id: outcome.id })
    if (outcome.kind === 'refused') this.journal.append({ event: 'refused', name, code: outcome.code })
    return outcome
  }

  /** Uploads a small file that must be taken: whatever was broken, the gateway works again. */
  async uploadOne(seed: number): Promise<void> {
    const outcome = await this.upload(makeSpecimen(seed, 200_000))
    assert.equal(outcome.kind, 'acknowledged', `a small upload was not taken: ${JSON.stringify(outcome)}`)
  }

  /** SIGKILL, also when it is dead already; gives how it ended. */
  async kill(): Promise<End> {
    const end = await this.gateway.kill()
    this.#lastEnd = Date.now()
    this.#gateway = undefined
    return end
  }

  /** SIGTERM: a gateway that has nothing under way ends by itself, with exit code 0. */
  async stop(): Promise<void> {
    this.gateway.signal('SIGTERM')
    assert.deepEqual(await this.gateway.ended, { code: 0, signal: null }, this.gateway.said())
    this.#gateway = undefined
  }

  /** Resolves when no lease can run any more that was last extended before `since`: by default, by a killed gateway. */
  leasesRunOut(since = this.#lastEnd): Promise<void> {
    const leaseSeconds = Number(this.#environment.UPLOAD_LEASE_SECONDS)
    return delay(Math.max(0, since + leaseSeconds * 1000 + 100 - Date.now()))
  }

  /** How many objects of blobs lie in the local store, whole ones alone. */
  async objects(): Promise<number> {
    const entries = await readdir(join(this.dataDir, 'files'), { recursive: true, withFileTypes: true })
    return entries.filter(
      entry => entry.isFile() && !entry.name.endsWith('.part') && !isOfStore(entry.parentPath),
    ).length
  }

  /** A new log of fault points, closed with the site. */
  faultLog(): FaultLog {
    const log = new FaultLog(join(this.folder, `faults-${this.#logs.length}.log`))
    this.#logs.push(log)
    return log
  }

  /** What the last gateway wrote, for the message of a failure. */
  said(): string {
    return this.#lastGateway?.said() ?? ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of [...this.#processes]) await started.kill()
    await endPostgres(this.dataDir)
    for (const log of this.#logs) log.close()
    this.journal.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

const environmentOf = ({ fault, log }: Faults): Environment => ({
  ...(fault ? { FAULT: fault } : {}),
  ...(log ? { FAULT_LOG: log.path } : {}),
})
