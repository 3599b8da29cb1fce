import { openEmbeddedPostgres } from '../../src/platform/db/embedded/embedded-postgres.ts'

/**
 * A process that uses the embedded PostgreSQL of the data folder in its arguments: prints one line of JSON for each thing
 * that happens, closes when its input ends. Node runs this file as it is.
 */
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

process.on('SIGINT', () => print({ event: 'interrupted' }))
try {
  const postgres = await openEmbeddedPostgres({
    dataDir: process.argv[2] ?? '',
    notice: message => print({ event: 'notice', message }),
    durable: false,
  })
  print({ event: 'open', connection: postgres.connection })
  process.stdin.resume().once('end', () => void postgres.close())
} catch (error) {
  print({ event: 'failed', message: (error as Error).message })
  process.stdin.destroy()
}
