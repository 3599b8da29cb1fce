import { Command } from 'commander'
import type { Terminal } from './terminal.ts'
import { withApp } from './with-app.ts'

interface JsonOption {
  readonly json?: boolean
}

/** Every command is made from the terminal and a place for its exit code. */
export type MakeCommand = (terminal: Terminal, done: (code: number) => void) => Command

export const migrateCommand: MakeCommand = terminal =>
  new Command('migrate')
    .description("Brings the database to this version's schema; `serve` does so at every start.")
    .option('--json', 'answer in JSON')
    .action(async ({ json }: JsonOption) => {
      const { migrate } = await import('../../platform/db/migrate.ts')
      const { applied } = await withApp(terminal, app => migrate(app.foundation.database), {
        anySchema: true,
      })
      if (json) terminal.print(JSON.stringify({ applied }))
      else terminal.print(applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'The schema is up to date.')
    })

export const reapCommand: MakeCommand = terminal =>
  new Command('reap')
    .description('Clears what broken-off uploads and deletions left behind; `serve` does so every minute.')
    .option('--json', 'answer in JSON')
    .action(async ({ json }: JsonOption) => {
      const result = await withApp(terminal, async app => {
        const purged = await app.trash.empty()
        const reaped = await app.reaper.run()
        await app.purges.settle()
        return { ...reaped, purged }
      })
      if (json) terminal.print(JSON.stringify(result))
      else {
        terminal.print(
          `Uploads given up: ${result.expired}. Media removed from the trash: ${result.purged}. ` +
            `Blobs removed: ${result.removed}, to be tried again: ${result.failed}.`,
        )
      }
    })

export const schemaCommand: MakeCommand = terminal =>
  new Command('schema')
    .description('Prints the GraphQL schema, for code generation.')
    .option('--subgraph', 'as a federation subgraph, for the composition of a graph')
    .action(async ({ subgraph }: { readonly subgraph?: boolean }) => {
      const { printGatewaySchema, printSubgraphSchema } = await import('../graphql/schema.ts')
      terminal.print((subgraph ? printSubgraphSchema() : printGatewaySchema()).trimEnd())
    })
