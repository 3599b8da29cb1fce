#!/usr/bin/env node
import { text } from 'node:stream/consumers'

// The only place that reads the environment and the arguments, or changes the process.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `media-gateway needs Node 24, this is ${process.version}. "npm start" and "npx media-gateway" bring their own.\n`,
  )
  process.exit(2)
}

// Whoever reads may have read enough, as `head` has.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

// Loaded only now: what an older Node cannot load would end it before it could say why.
const { runProgram } = await import('./entrances/cli/program.ts')

process.exitCode = await runProgram(process.argv, {
  env: process.env,
  print: line => process.stdout.write(`${line}\n`),
  printError: line => process.stderr.write(`${line}\n`),
  readInput: () => text(process.stdin),
  useTempFolder: path => {
    process.env.TMPDIR = path
  },
  onSignal: handler => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handler)
  },
  exit: code => process.exit(code),
})
