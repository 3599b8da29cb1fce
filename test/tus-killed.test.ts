import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { bytesOf, makeSpecimen } from './faults/specimen.ts'
import { ADMIN } from './support/app.ts'
import { type Node, Nodes } from './support/nodes.ts'
import { MOST_ON_THE_WAY } from './support/stores.ts'
import { answerOf, BYTES, checksum, TusByHand } from './support/tus.ts'

// Resumable uploads at gateways that die, or sleep, in the middle of them; another one goes on.

const MB = 1024 * 1024
const specimen = makeSpecimen(1, 4 * MB)
const content = Buffer.concat([...bytesOf(specimen)])

let nodes: Nodes
let healthy: Node
beforeAll(async () => {
  nodes = await Nodes.open()
  healthy = await nodes.start('healthy')
})
afterAll(() => nodes[Symbol.asyncDispose]())

/** A client of a gateway that breaks at this point, and one of the gateway that goes on, both at the same upload. */
async function uploadAt(fault: string, size = specimen.size) {
  const broken = await nodes.start('broken', { FAULT: fault })
  const [first, second] = [broken, healthy].map(({ origin }) => new TusByHand(`${origin}/uploads`, ADMIN))
  if (!first || !second) throw new Error('unreachable')
  const url = await first.create(size)
  return { broken, first, second, url, there: url.replace(broken.origin, healthy.origin) }
}

/** The offset as the next node tells it, who waits for a lock that nobody gives back; how long that took is printed. */
async function offsetTakenOver(tus: TusByHand, url: string): Promise<number> {
  const began = performance.now()
  const offset = await tus.offsetOf(url)
  process.stdout.write(
    `lock of a gateway that is gone: had after ${Math.round(performance.now() - began)} ms\n`,
  )
  return offset
}

/** Sends what is missing from this offset on, and compares what the media is with what was sent. */
async function goOn(tus: TusByHand, url: string, offset: number): Promise<void> {
  const { headers } = await tus.patch(url, offset, { body: content.subarray(offset) })
  await expectWhole(headers['media-id'])
}

async function expectWhole(id: string | undefined, { sha256 } = specimen): Promise<void> {
  const answer = await fetch(`${healthy.origin}/media/${id}/content`, { headers: { authorization: ADMIN } })
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
}

test('an upload whose gateway is killed goes on at another, with what was durable', async () => {
  const killedAt = (MOST_ON_THE_WAY + 1) * MB
  const larger = makeSpecimen(2, killedAt + MB)
  const body = Buffer.concat([...bytesOf(larger)])
  const { broken, first, second, url, there } = await uploadAt(`U2.bytes@${killedAt}:kill`, larger.size)
  await expect(first.patch(url, 0, { body })).rejects.toThrow()
  await broken.process.ended
  const offset = await offsetTakenOver(second, there)
  expect(offset).toBeGreaterThanOrEqual(MB)
  expect(offset).toBeLessThanOrEqual(killedAt)
  const { headers } = await second.patch(there, offset, { body: body.subarray(offset) })
  await expectWhole(headers['media-id'], larger)
}, 60_000)

test.each([
  ['with a length', () => content],
  ['in chunks', () => Readable.from(bytesOf(specimen), { objectMode: false })],
])(
  'bytes %s whose gateway is killed ahead of their checksum are taken back',
  async (_, body) => {
    const { broken, first, second, url, there } = await uploadAt(`U2.bytes@${3 * MB}:kill`)
    const headers = { 'upload-checksum': checksum('sha256', content) }
    await expect(first.patch(url, 0, { body: body(), headers })).rejects.toThrow()
    await broken.process.ended
    expect(await second.offsetOf(there)).toBe(0)
    const wrong = { 'upload-checksum': checksum('sha256', content.subarray(1)) }
    expect(await second.patch(there, 0, { body: body(), headers: wrong })).toMatchObject({ status: 460 })
    expect(await second.offsetOf(there)).toBe(0)
    await expectWhole((await second.patch(there, 0, { body: body(), headers })).headers['media-id'])
  },
  60_000,
)

test.each(['U4.beforeCommit', 'U4.afterCommit'])(
  'an upload whose gateway is killed at %s is finished, once, when HEAD asks',
  async point => {
    const { broken, first, second, url, there } = await uploadAt(`${point}:kill`)
    await expect(first.patch(url, 0, { body: content })).rejects.toThrow()
    await broken.process.ended
    const { headers } = await second.head(there)
    expect(headers['upload-offset']).toBe(String(specimen.size))
    await expectWhole(headers['media-id'])
    expect((await second.head(there)).headers['media-id']).toBe(headers['media-id'])
  },
  60_000,
)

test('a gateway that slept through the end of its lock takes nothing away from who has it', async () => {
  const log = nodes.faultLog()
  const broken = await nodes.start('sleeper', { FAULT_LOG: log.path })
  const [first, second] = [broken, healthy].map(({ origin }) => new TusByHand(`${origin}/uploads`, ADMIN))
  if (!first || !second) throw new Error('unreachable')
  const url = await first.create(specimen.size)
  const there = url.replace(broken.origin, healthy.origin)
  const asleep = first.begin('PATCH', url, {
    'content-type': BYTES,
    'upload-offset': '0',
    'upload-checksum': checksum('sha256', content),
    'content-length': String(specimen.size),
  })
  const answer = answerOf(asleep)
  asleep.write(content.subarray(0, 2 * MB))
  await log.until('U2.bytes', 20, AbortSignal.timeout(30_000))
  broken.process.signal('SIGSTOP')
  expect(await offsetTakenOver(second, there)).toBe(0)
  await second.patch(there, 0, { body: content.subarray(0, 3 * MB) })
  broken.process.signal('SIGCONT')
  expect(await answer).toMatchObject({ status: 423, code: 'UPLOAD_LOCKED' })
  asleep.destroy()
  expect(await second.offsetOf(there)).toBe(3 * MB)
  await goOn(second, there, 3 * MB)
  await nodes.kill(broken)
}, 60_000)
