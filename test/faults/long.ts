import { mkdir, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { report } from './report.ts'
import { runScenarios } from './run.ts'
import { abortedUploads } from './scenarios/aborted-uploads.ts'
import { commitLost } from './scenarios/commit-lost.ts'
import { diskFull } from './scenarios/disk-full.ts'
import { events } from './scenarios/events.ts'
import { killedReplacements } from './scenarios/killed-replacements.ts'
import { killedTicketsAndTus } from './scenarios/killed-tickets-and-tus.ts'
import { lostPostmaster } from './scenarios/lost-postmaster.ts'
import { migrations } from './scenarios/migrations.ts'
import { namedPoints } from './scenarios/named-points.ts'
import { randomKills } from './scenarios/random-kills.ts'
import { repeatedUploads } from './scenarios/repeated-uploads.ts'
import { replacedUnderReaders } from './scenarios/replaced-under-readers.ts'
import { s3ErrorIn200 } from './scenarios/s3-error-in-200.ts'
import { s3GatewayKilled } from './scenarios/s3-gateway-killed.ts'
import { s3LostAnswers } from './scenarios/s3-lost-answers.ts'
import { s3ProcessKilled } from './scenarios/s3-process-killed.ts'
import { s3Stalls } from './scenarios/s3-stalls.ts'
import { s3Storms } from './scenarios/s3-storms.ts'
import { s3Truncated } from './scenarios/s3-truncated.ts'
import { stoppedUploads } from './scenarios/stopped-uploads.ts'

const SCENARIOS = [
  namedPoints,
  commitLost,
  repeatedUploads,
  killedReplacements,
  killedTicketsAndTus,
  replacedUnderReaders,
  stoppedUploads,
  diskFull,
  lostPostmaster,
  migrations,
  events,
  abortedUploads,
  randomKills,
  s3GatewayKilled,
  s3ProcessKilled,
  s3Storms,
  s3Stalls,
  s3Truncated,
  s3ErrorIn200,
  s3LostAnswers,
] as const
const PROOF = new URL('../../docs/proof.md', import.meta.url)

// `npm run test:long -- --seed 7`; `--only NAME`, also more than once, repeats single scenarios and writes no proof.
const { values } = parseArgs({
  options: { seed: { type: 'string' }, only: { type: 'string', multiple: true } },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6))
const unknown = values.only?.find(name => !SCENARIOS.some(scenario => scenario.name === name))
if (!Number.isSafeInteger(seed) || unknown !== undefined) {
  console.error(`--seed takes a whole number, --only one of: ${SCENARIOS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const chosen = SCENARIOS.filter(({ name }) => values.only?.includes(name) ?? true)
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
console.log(`seed ${seed}`)
const results = await runScenarios(chosen, {
  seed,
  print: line => console.log(line),
  interrupted: interrupted.signal,
})
const failed = results.filter(({ failure }) => failure !== undefined)
for (const { scenario, failure } of failed) {
  console.error(`\n${scenario.name} FAILED: ${failure}`)
  console.error(`Repeat it: npm run test:long -- --seed ${seed} --only ${scenario.name}`)
}
if (!values.only && !interrupted.signal.aborted) {
  await mkdir(new URL('.', PROOF), { recursive: true })
  await writeFile(PROOF, report(results, { seed, finished: new Date() }))
}
process.exitCode = failed.length > 0 ? 1 : 0
