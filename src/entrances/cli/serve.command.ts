import { Command } from 'commander'
import type { MakeCommand } from './maintenance.commands.ts'

export const serveCommand: MakeCommand = (terminal, done) =>
  new Command('serve')
    .description('Runs the gateway: HTTP and background jobs (the default command).')
    .action(async () => done(await (await import('./serving.ts')).run(terminal, { http: true })))

export const workerCommand: MakeCommand = (terminal, done) =>
  new Command('worker')
    .description('Runs background jobs only, beside gateways that serve.')
    .action(async () => done(await (await import('./serving.ts')).run(terminal, { http: false })))
