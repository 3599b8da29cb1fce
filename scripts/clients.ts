// Writes the types of the client examples, and the artifacts of the Relay example.
import { writeFile } from 'node:fs/promises'
import { clientTypes } from './client-types.ts'

for (const [file, text] of await clientTypes()) await writeFile(new URL(`../${file}`, import.meta.url), text)
