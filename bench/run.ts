import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Figure, holds, type Row } from './figure.ts'
import { access } from './figures/access.ts'
import { attacks } from './figures/attacks.ts'
import { deepPage } from './figures/deep-page.ts'
import { doors } from './figures/doors.ts'
import { download } from './figures/download.ts'
import { entities } from './figures/entities.ts'
import { facades } from './figures/facades.ts'
import { idle } from './figures/idle.ts'
import { page } from './figures/page.ts'
import { processing } from './figures/processing.ts'
import { s3 } from './figures/s3.ts'
import { start } from './figures/start.ts'
import { upload } from './figures/upload.ts'
import { variants } from './figures/variants.ts'
import { document, notes, table } from './report.ts'

const FIGURES = {
  page,
  entities,
  deep: deepPage,
  facades,
  access,
  attacks,
  upload,
  doors,
  download,
  s3,
  processing,
  variants,
  idle,
  start,
} satisfies Record<string, Figure>
const FEWEST_ROUNDS = 5
const MANY_MEDIA = 1_000_000

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: String(FEWEST_ROUNDS) },
    media: { type: 'string', default: String(MANY_MEDIA) },
  },
})
const rounds = Number(values.rounds)
const media = Number(values.media)
const chosen = Object.entries(FIGURES).filter(([name]) => name === (values.only ?? name))
const isWhole = (value: number, least: number) => Number.isInteger(value) && value >= least
if (chosen.length === 0 || !isWhole(rounds, FEWEST_ROUNDS) || !isWhole(media, 1_000)) {
  const names = Object.keys(FIGURES).join(', ')
  process.stderr.write(
    `--only takes one of ${names}; --rounds at least ${FEWEST_ROUNDS}; --media at least 1000.\n`,
  )
  process.exit(2)
}

const rows: Row[] = []
for (const [name, figure] of chosen) {
  const progress = (message: string) => process.stderr.write(`${name}: ${message}\n`)
  rows.push(...(await figure({ rounds, media, progress })))
}
process.stdout.write(`\n${table(rows)}\n\n${notes(rows)}\n`)
if (!values.only) await writeFile(new URL('../docs/benchmarks.md', import.meta.url), document(rows, rounds))
process.exitCode = rows.every(holds) ? 0 : 1
