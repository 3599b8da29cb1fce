import { seededRandom } from '../faults/random.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { damaged } from '../support/damaged.ts'
import { fixtures } from '../support/fixtures.ts'
import { processed, startPipeline } from '../support/processing.ts'

const VARIANTS = countOf({ daily: 2, thorough: 50 })

let gateway: TestApp
let pipeline: { stop(): Promise<void> }
beforeAll(async () => {
  gateway = await startApp()
  pipeline = await startPipeline(gateway)
})
afterAll(async () => {
  await pipeline.stop()
  await gateway.close()
})

const files = fixtures.all.filter(({ size }) => size > 0)

test.each(files.map(file => [file.file, file] as const))(
  `${VARIANTS} damaged variants of %s are kept, come to an end, and are shown or not, never by an error of ours`,
  async (name, file) => {
    const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 20_261_129) + name.length)
    const sent: { id: string; bytes: Buffer }[] = []
    for (let variant = 0; variant < VARIANTS; variant++) {
      const bytes = damaged(file.bytes(), random)
      const { media, userErrors } = await gateway.upload({ bytes, fileName: name }, {}, 'id')
      expect(userErrors).toEqual([])
      sent.push({ id: media.id, bytes })
    }
    await processed(
      gateway,
      sent.map(({ id }) => id),
    )
    for (const { id, bytes } of sent) {
      const { media } = await gateway.query(
        `query ($id: ID!) { media(id: $id) { status statusReason thumbnailUrl facts { title } placeholder { dataUri } processing { state } } }`,
        { id },
      )
      expect(media.status === 'FAILED').toBe(media.statusReason !== null)
      const content = await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
      expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true)
      if (media.thumbnailUrl === null) continue
      const thumbnail = await fetch(media.thumbnailUrl)
      await thumbnail.arrayBuffer()
      expect([200, 422]).toContain(thumbnail.status)
    }
  },
  countOf({ daily: 60_000, thorough: 900_000 }),
)
