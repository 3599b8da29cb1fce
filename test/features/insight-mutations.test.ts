import { PassThrough } from 'node:stream'
import { insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { problemReasons } from '../../src/features/insight/problem.ts'
import { examines, needsPreview } from '../../src/features/insight/readers.ts'
import { seededRandom } from '../faults/random.ts'
import { countOf } from '../support/counts.ts'
import { damaged } from '../support/damaged.ts'
import { fixture, fixtures } from '../support/fixtures.ts'
import { ended } from '../support/processes.ts'
import { bytesOf, fileOf, typeOf } from './insight-files.ts'

const VARIANTS = countOf({ daily: 10, thorough: 500 })
/** A preview takes a program, or a page to be drawn. */
const PREVIEWED = countOf({ daily: 1, thorough: 25 })

const insight = new InsightService({ limits: insightDefaults })
const pids = new Set<number>()

const known = expect.stringMatching(new RegExp(`^(${Object.keys(problemReasons).join('|')})$`))

describe('a damaged file is answered, whatever is damaged', () => {
  afterAll(async () => {
    await insight.close()
    for (const pid of pids) await ended(pid)
  })

  const files = fixtures.all.filter(file => file.size > 0 && examines(typeOf(file)))

  test.each(files.map(file => [file.file, file] as const))(
    `%s, in ${VARIANTS} variants`,
    async (name, file) => {
      const whole = file.bytes()
      const mimeType = typeOf(file)
      const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 20_261_121) + name.length)
      for (let variant = 0; variant < VARIANTS; variant++) {
        const request = bytesOf(damaged(whole, random), mimeType)
        const { facts, technicalMetadata, problem } = await insight.examine(request)
        for (const pid of insight.pids) pids.add(pid)
        if (problem) expect(problem).toMatchObject({ reason: known })
        expect(JSON.parse(JSON.stringify({ facts, technicalMetadata }))).toEqual({ facts, technicalMetadata })
        expect(JSON.stringify(technicalMetadata).length).toBeLessThanOrEqual(64 * 1024)
        if (!needsPreview(mimeType) || variant >= PREVIEWED) continue
        const sink = new PassThrough().resume()
        const { made, reason } = await insight.preview({ ...request, sink })
        if (!made) expect(reason).toEqual(known)
      }
      expect(insight.pids.length).toBeLessThanOrEqual(insightDefaults.processes)
      expect(await insight.examine(fileOf(fixture('photo.png')))).toMatchObject({ problem: null })
    },
    countOf({ daily: 120_000, thorough: 3_600_000 }),
  )
})
