import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openEmbeddedPostgres } from '../../src/platform/db/embedded/embedded-postgres.ts'
import type { Environment } from './gateway-process.ts'
import { seededRandom } from './random.ts'
import type { Facts, Scenario } from './scenario.ts'
import { Site } from './site.ts'

/** How a scenario went; `failure` is absent when it held. */
export interface Result {
  readonly scenario: Scenario
  readonly facts: Facts
  readonly seconds: number
  readonly failure?: string
}

export interface RunOptions {
  readonly seed: number
  readonly print: (line: string) => void
  /** Aborted when nobody wants the rest any more. */
  readonly interrupted: AbortSignal
}

/** A PostgreSQL for scenarios that need no own one; each gets an empty database. */
async function openDatabases(): Promise<AsyncDisposable & { create(): Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'media-gateway-faults-'))
  await chmod(folder, 0o755)
  const postgres = await openEmbeddedPostgres({ dataDir: folder, durable: false, notice: () => undefined })
  const { host, port, user, password } = postgres.connection
  return {
    async create() {
      const name = `faults_${randomBytes(6).toString('hex')}`
      const client = new pg.Client(postgres.connection)
      await client.connect()
      await client.query(`CREATE DATABASE ${name}`).finally(() => client.end())
      return `postgres://${user}:${password}@${encodeURIComponent(host)}:${port}/${name}`
    },
    async [Symbol.asyncDispose]() {
      await postgres.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Runs them one after the other; what one has left does not reach the next. */
export async function runScenarios(scenarios: readonly Scenario[], options: RunOptions): Promise<Result[]> {
  await using databases = await openDatabases()
  const results: Result[] = []
  for (const scenario of scenarios) {
    if (options.interrupted.aborted) break
    const result = await runScenario(scenario, databases, options)
    const outcome = result.failure === undefined ? `held; ${JSON.stringify(result.facts)}` : 'FAILED'
    options.print(`${scenario.name} ${result.seconds.toFixed(1)} s: ${outcome}`)
    results.push(result)
  }
  return results
}

/** Runs one scenario within its time; closes what it opened, also when it fails. */
async function runScenario(
  scenario: Scenario,
  databases: { create(): Promise<string> },
  { seed, print, interrupted }: RunOptions,
): Promise<Result> {
  const opened = new AsyncDisposableStack()
  const sites: Site[] = []
  const deadline = AbortSignal.any([interrupted, AbortSignal.timeout(scenario.deadlineSeconds * 1000)])
  const began = performance.now()
  const seconds = () => Math.round((performance.now() - began) / 100) / 10
  const progress = (message: string) => print(`${scenario.name} ${seconds().toFixed(1)} s: ${message}`)
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () =>
      reject(
        new Error(
          interrupted.aborted ? 'interrupted' : `not done within ${scenario.deadlineSeconds} seconds`,
        ),
      ),
    )
  })
  const newSite = async (environment?: Environment) => {
    const site = opened.use(await Site.create(environment))
    sites.push(site)
    return site
  }
  const random = seededRandom(seed)
  const work = scenario.run({ random, opened, deadline, progress, newSite, database: databases.create })
  try {
    const facts = await Promise.race([work, late])
    return { scenario, facts, seconds: seconds() }
  } catch (error) {
    const said = sites.map(site => site.said()).join('\n')
    const failure = `${error instanceof Error ? error.stack : String(error)}\nThe gateway wrote:\n${said}`
    return { scenario, facts: {}, seconds: seconds(), failure }
  } finally {
    await opened.disposeAsync()
    await work.catch(() => undefined)
  }
}
