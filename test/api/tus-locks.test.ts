import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HOLD_MS, PAUSE_MS } from '../../src/features/upload/tus/tus-lock.ts'
import { FaultLog } from '../faults/fault-log.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { answerOf, BYTES, checksum, type TusAnswer, TusByHand } from '../support/tus.ts'

// One request at a time is at an upload, over all nodes; the newest has the right of way.

let gateway: TestApp
let other: { readonly url: string; close(): Promise<void> }
let tus: TusByHand
let folder: string
let log: FaultLog
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-gateway-locks-'))
  log = new FaultLog(join(folder, 'log'))
  gateway = await startApp({ FAULT_LOG: log.path })
  other = await gateway.beside({ FAULT_LOG: '' })
  tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
})
afterAll(async () => {
  await other.close()
  await gateway.close()
  log.close()
  await rm(folder, { recursive: true, force: true })
})

const contentOf = (id: string | undefined) =>
  fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } }).then(answer =>
    answer.text(),
  )

/** A PATCH at the first node whose client sends this much of what it announced, and then nothing. */
async function stalledPatch(url: string, sent: string, headers: Record<string, string> = {}) {
  const before = log.passed('U2.bytes')
  const needed = { 'content-type': BYTES, 'upload-offset': '0', 'content-length': '11' }
  const outgoing = tus.begin('PATCH', url, { ...needed, ...headers })
  const answer: Promise<TusAnswer> = answerOf(outgoing)
  outgoing.write(sent)
  await log.until('U2.bytes', before + 1, AbortSignal.timeout(30_000))
  return { answer, end: () => outgoing.destroy() }
}

/** Whether the lock was taken from a holder that did not give it up: what is handed over is not torn. */
async function isTorn(url: string): Promise<boolean> {
  const [row] = await gateway.app.foundation.database.query<{ isTorn: boolean }>(
    `SELECT is_torn AS "isTorn" FROM tus_upload WHERE id = $1`,
    [url.split('/').at(-1)],
  )
  return row?.isTorn ?? true
}

describe.each(['the same node', 'another node'])('a second request, at %s,', node => {
  const there = (url: string) => (node === 'another node' ? url.replace(gateway.url, other.url) : url)

  test('takes an upload over from a client that stalls, which is told so', async () => {
    const url = await tus.create(11)
    const stalled = await stalledPatch(url, 'hello ')
    expect((await tus.head(there(url))).headers['upload-offset']).toBe('6')
    expect(await isTorn(url)).toBe(false)
    expect(await stalled.answer).toMatchObject({
      status: 423,
      code: 'UPLOAD_LOCKED',
      headers: { 'tus-resumable': '1.0.0', 'retry-after': '1' },
    })
    stalled.end()
    const done = await tus.patch(there(url), 6, { body: 'world' })
    expect(await contentOf(done.headers['media-id'])).toBe('hello world')
  })

  test('finds nothing of bytes whose checksum was not compared yet', async () => {
    const url = await tus.create(11)
    const stalled = await stalledPatch(url, 'hello ', { 'upload-checksum': checksum('sha1', 'hello world') })
    expect(await tus.offsetOf(there(url))).toBe(0)
    expect(await isTorn(url)).toBe(false)
    expect((await stalled.answer).status).toBe(423)
    stalled.end()
  })

  test('may end it', async () => {
    const url = await tus.create(11)
    const stalled = await stalledPatch(url, 'hello ')
    expect((await tus.end(there(url))).status).toBe(204)
    expect(await isTorn(url)).toBe(false)
    expect((await stalled.answer).status).toBe(423)
    stalled.end()
    expect((await tus.head(url)).status).toBe(410)
  })

  test('has a lock whose holder has died, as soon as it runs out: within 5 seconds', async () => {
    expect(HOLD_MS + PAUSE_MS).toBeLessThan(5000)
    const url = await tus.create(11)
    await tus.patch(url, 0, { body: 'hello ' })
    // As a holder leaves it that dies the moment it has said that it is there.
    await gateway.app.foundation.database.query(
      `UPDATE tus_upload SET locked_until = clock_timestamp() + $2 * interval '1 millisecond' WHERE id = $1`,
      [url.split('/').at(-1), HOLD_MS],
    )
    const { headers } = await tus.patch(there(url), 6, { body: 'world' })
    expect(await isTorn(url)).toBe(true)
    expect(await contentOf(headers['media-id'])).toBe('hello world')
  })
})

test('of many that send the same bytes at once, one adds them, and the media is right', async () => {
  const url = await tus.create(11)
  const targets = Array.from({ length: 8 }, (_, i) => (i % 2 ? url : url.replace(gateway.url, other.url)))
  const answers = await Promise.all(targets.map(target => tus.patch(target, 0, { body: 'hello world' })))
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter(status => status === 204)).toHaveLength(1)
  expect(statuses.filter(status => ![204, 403, 423].includes(status))).toEqual([])
  expect(await contentOf((await tus.head(url)).headers['media-id'])).toBe('hello world')
})
