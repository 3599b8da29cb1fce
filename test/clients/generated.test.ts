import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import relayCompiler from 'relay-compiler'
import { clientTypes } from '../../scripts/client-types.ts'
import { projectFile } from '../support/project-file.ts'

/** Exits with an error when an artifact is missing, stale or one too many. */
const compileRelay = (example: string) =>
  spawnSync(relayCompiler ?? '', ['--validate', 'relay.config.json'], { cwd: example, encoding: 'utf8' })

test('the types of the client examples fit schema.graphql; "npm run clients" writes them', async () => {
  for (const [file, text] of await clientTypes())
    expect([file, await projectFile(file)]).toEqual([file, text])
})

test('relay-compiler compiles the Relay example against schema.graphql to what is there', () => {
  expect(compileRelay('examples/relay')).toMatchObject({ status: 0 })
})

test('a field that the schema does not have is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'relay-example-'))
  try {
    await cp('examples/relay', join(folder, 'examples/relay'), { recursive: true })
    await cp('schema.graphql', join(folder, 'schema.graphql'))
    const source = join(folder, 'examples/relay/media-library.ts')
    await writeFile(source, (await readFile(source, 'utf8')).replaceAll('originalFileName', 'inventedField'))
    const { status, stdout, stderr } = compileRelay(join(folder, 'examples/relay'))
    expect(status).not.toBe(0)
    expect(stdout + stderr).toContain('inventedField')
  } finally {
    await rm(folder, { recursive: true })
  }
})
