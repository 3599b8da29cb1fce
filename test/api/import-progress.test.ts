import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { startApp, type TestApp } from '../support/app.ts'
import { type Origin, startOrigin } from '../support/origin.ts'

let gateway: TestApp
let origin: Origin
beforeAll(async () => {
  origin = await startOrigin()
  gateway = await startApp({ IMPORT_FROM_URL: '127.0.0.1/32' })
})
afterAll(async () => {
  await gateway.close()
  origin.close()
})

const PIECE = Buffer.alloc(1_000, 1)

async function announce(): Promise<string> {
  const { importMedia } = await gateway.query(
    `mutation { importMedia(input: { url: "${origin.url}/file.bin" }) { media { id } } }`,
  )
  return importMedia.media.id
}
const work = (mediaId: string, attempts: number) =>
  gateway.app.jobs
    .find(({ name }) => name === 'media.import')
    ?.run({ mediaId }, { job: { attempts }, abortSignal: new AbortController().signal } as never)
const progressOf = async (id: string) =>
  (
    await gateway.query(
      `query($id: ID!) { media(id: $id) { status importProgress { receivedBytes totalBytes attempts } } }`,
      { id },
    )
  ).media

test('an import says how far it has come while it runs, and nothing before and after', async () => {
  const id = await announce()
  const waiting = { receivedBytes: 0, totalBytes: null, attempts: 0 }
  expect(await progressOf(id)).toEqual({ status: 'PENDING', importProgress: waiting })

  origin.answer((_request, response) => void response.writeHead(503).end())
  await expect(work(id, 1)).rejects.toThrow()
  expect((await progressOf(id)).importProgress).toEqual({ ...waiting, attempts: 1 })

  const answered = Promise.withResolvers<ServerResponse>()
  origin.answer((_request, response) => {
    response.writeHead(200, { 'content-length': 50 * PIECE.length })
    answered.resolve(response)
  })
  const done = work(id, 2)
  const response = await answered.promise
  // Piece by piece until it has said so once: at most every second, since nobody wants to read it more often.
  let sent = 0
  let seen = 0
  while (seen === 0 && sent < 49) {
    sent++
    if (!response.write(PIECE)) await once(response, 'drain')
    const { status, importProgress } = await progressOf(id)
    expect([status, importProgress.totalBytes, importProgress.attempts]).toEqual(['PENDING', 50_000, 2])
    seen = importProgress.receivedBytes
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  expect(seen).toBeGreaterThan(0)
  expect(seen).toBeLessThanOrEqual(sent * PIECE.length)
  while (sent++ < 50) response.write(PIECE)
  response.end()
  await done
  expect(await progressOf(id)).toEqual({ status: 'COMPLETED', importProgress: null })
})
