import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JestRun, outcomesOf } from './outcomes.ts'
import { coveragePage } from './page.ts'
import { SYSTEMS } from './systems.ts'

// `npm run acceptance`: runs the tests of the promises, writes COVERAGE.md, and ends with 1 when one of them is missing or a file failed.
const systems = Object.values(SYSTEMS)
const run = await runJest(systems.map(({ folder }) => `/test/acceptance/${folder}/`))
const outcomes = new Map(systems.flatMap(({ promises }) => [...outcomesOf(promises, run)]))
await writeFile(new URL('COVERAGE.md', import.meta.url), coveragePage(outcomes))

const missing = [...outcomes].filter(([, outcome]) => outcome !== 'kept')
for (const [id, outcome] of missing) console.error(`${id}: ${outcome}`)
// A file that does not load, or fails behind its last test, has no test that says so.
for (const { name } of run.testResults.filter(({ status }) => status === 'failed'))
  console.error(`${name} failed`)
console.error(`${outcomes.size - missing.length} of ${outcomes.size} promises are kept.`)
process.exitCode = missing.length === 0 && run.success ? 0 : 1

async function runJest(paths: readonly string[]): Promise<JestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'media-gateway-acceptance-'))
  const outputFile = join(folder, 'run.json')
  const options = ['--passWithNoTests', '--json', `--outputFile=${outputFile}`]
  try {
    const jest = spawn('npm', ['run', '--silent', 'test:jest', '--', ...options, ...paths], {
      stdio: 'inherit',
    })
    await once(jest, 'close')
    return JSON.parse(await readFile(outputFile, 'utf8'))
  } finally {
    await rm(folder, { recursive: true })
  }
}
