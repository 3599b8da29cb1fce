// Writes the types of the client examples from schema.graphql, and the artifacts of the Relay example.
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import relayCompiler from 'relay-compiler'
import { clientTypes } from './client-types.ts'

for (const [file, text] of await clientTypes()) await writeFile(new URL(`../${file}`, import.meta.url), text)

if (!relayCompiler) throw new Error('relay-compiler does not run on this platform.')
execFileSync(relayCompiler, ['relay.config.json'], { cwd: 'examples/relay', stdio: 'inherit' })
