import { flushCompileCache } from 'node:module'
import { type App, createApp } from '../../app.ts'
import { EPOCH_JOB } from '../../blobs.ts'
import { loadConfig, printableConfig } from '../../config.ts'
import type { ServerState } from '../../doors.ts'
import { bearerToken } from '../../features/access/credentials.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { JobQueue } from '../../platform/jobs/job-queue.ts'
import { startJobs } from '../../platform/jobs/job-runner.ts'
import { EXIT, type Terminal } from './terminal.ts'

/** How long requests that are under way may take to end after the first signal. */
const DRAIN_MS = 30_000

/** Runs until a signal comes; then no new request, those under way to their end, and everything closed behind. */
export async function run(terminal: Terminal, { http }: { http: boolean }): Promise<number> {
  const config = loadConfig(terminal.env)
  const stop = Promise.withResolvers<void>()
  let signals = 0
  terminal.onSignal(() => {
    stop.resolve()
    // Whoever asks twice does not want to wait.
    if (++signals > 1) terminal.exit(EXIT.failed)
  })
  const app = await createApp(config, { useTempFolder: terminal.useTempFolder, notice: terminal.printError })
  const { log, database } = app.foundation
  try {
    log.debug(printableConfig(config), 'configuration')
    const { applied } = await migrate(database)
    if (applied.length > 0) log.info({ applied }, 'migrated')
    await firstKey(app, terminal)
    const jobs = await startJobs({ pool: database.pool, log, kinds: app.jobs })
    // In the background: a store that is away must not hold up a start.
    const queue = new JobQueue({ database })
    await database.transaction(tx => queue.add(tx, { name: EPOCH_JOB, payload: {}, attempts: 1 }))
    app.webhooks.start()
    const close = http ? await listen(app, terminal) : await listenForOperators(app, terminal)
    // Where NODE_COMPILE_CACHE names a folder: a process that is killed would never write it, and the next start would compile all again.
    flushCompileCache()
    await stop.promise
    log.info('stopping: requests under way are finished first')
    await close()
    await Promise.all([jobs.stop(), app.webhooks.stop()])
    return EXIT.ok
  } finally {
    await app.close()
  }
}

async function firstKey(app: App, terminal: Terminal): Promise<void> {
  const { BOOTSTRAP_API_KEY } = app.config
  if (BOOTSTRAP_API_KEY) return app.keys.ensure(BOOTSTRAP_API_KEY)
  const key = await app.keys.createFirst()
  if (!key) return
  terminal.print(
    `\nThe first API key of this gateway; it is shown this once:\n\n  ${bearerToken(key)}\n\n` +
      `Use it as "Authorization: Bearer <key>", or as Basic with user "${key.keyId}" and the part after the last "_".\n`,
  )
}

async function listen(app: App, terminal: Terminal): Promise<() => Promise<void>> {
  const { PORT, PLAYGROUND } = app.config
  const close = await listenOn(app, PORT)
  const origin = app.publicUrl.base
  terminal.print(
    `media-gateway serves ${origin}/graphql${PLAYGROUND ? `, playground at ${origin}/playground` : ''}`,
  )
  if (app.publicUrl.isGuessed)
    terminal.printError(
      `URLs of files begin with ${origin}, which leads nowhere from other machines. Set PUBLIC_URL to where clients reach the gateway.`,
    )
  return close
}

/** Beside jobs alone: health and metrics, where there is a port for them. */
async function listenForOperators(app: App, terminal: Terminal): Promise<() => Promise<void>> {
  const { WORKER_PORT, HOST } = app.config
  if (WORKER_PORT === undefined) return async () => undefined
  const close = await listenOn(app, WORKER_PORT, { operatorsOnly: true })
  terminal.print(`media-gateway worker tells of its health at ${HOST}, port ${WORKER_PORT}`)
  return close
}

async function listenOn(
  app: App,
  port: number,
  doors: Pick<ServerState, 'operatorsOnly'> = {},
): Promise<() => Promise<void>> {
  let draining = false
  const server = await app.createServer({ ...doors, draining: () => draining })
  await server.listen({ host: app.config.HOST, port })
  return async () => {
    draining = true
    const cut = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS)
    await server.close()
    clearTimeout(cut)
  }
}
