import { seededRandom } from '../faults/random.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { damaged } from '../support/damaged.ts'
import { fixtures } from '../support/fixtures.ts'
import { childrenOf, ended } from '../support/processes.ts'
import { processed, startPipeline } from '../support/processing.ts'

const VARIANTS = countOf({ daily: 2, thorough: 500 })
const AT_ONCE = 20

let gateway: TestApp
let pipeline: { stop(): Promise<void> }
const others = childrenOf(process.pid)
beforeAll(async () => {
  gateway = await startApp()
  pipeline = await startPipeline(gateway)
})
afterAll(async () => {
  await pipeline.stop()
  const started = childrenOf(process.pid).filter(pid => !others.includes(pid))
  expect(started.length).toBeGreaterThan(0)
  await gateway.close()
  for (const pid of started) await ended(pid)
})

async function send(fileName: string, bytes: Buffer): Promise<string> {
  const { media, userErrors } = await gateway.upload({ bytes, fileName }, {}, 'id')
  expect(userErrors).toEqual([])
  return media.id
}

/** It says how it ended, is delivered as it came, and is shown or not, never by an error of ours. */
async function hasComeToAnEnd(id: string, bytes: Buffer): Promise<void> {
  const { media } = await gateway.query(
    `query ($id: ID!) { media(id: $id) { status statusReason thumbnailUrl facts { title } placeholder { dataUri } processing { state } } }`,
    { id },
  )
  expect(media.status === 'FAILED').toBe(media.statusReason !== null)
  const content = await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
  expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true)
  if (media.thumbnailUrl === null) return
  const thumbnail = await fetch(media.thumbnailUrl)
  await thumbnail.arrayBuffer()
  expect([200, 422]).toContain(thumbnail.status)
}

const files = fixtures.all.filter(({ size }) => size > 0)

test.each(files.map(file => [file.file, file] as const))(
  `${VARIANTS} damaged variants of %s are kept, come to an end, and are shown or not, never by an error of ours`,
  async (name, file) => {
    const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 20_261_129) + name.length)
    for (let left = VARIANTS; left > 0; left -= AT_ONCE) {
      const variants = Array.from({ length: Math.min(left, AT_ONCE) }, () => damaged(file.bytes(), random))
      const sent = await Promise.all(variants.map(bytes => send(name, bytes)))
      await processed(gateway, sent)
      await Promise.all(sent.map((id, at) => hasComeToAnEnd(id, variants[at] as Buffer)))
    }
  },
  countOf({ daily: 60_000, thorough: 3_600_000 }),
)
