import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { TEST_STORE } from '../support/stores.ts'

/** What has to come before it expires takes longer where the store is no disk, and so may a beat of the lease. */
const [SECONDS, LEASE_SECONDS] = TEST_STORE === 'file' ? [2, 1] : [4, 2]
const BYTES = Buffer.alloc(100_000, 'expires ')
const TUS = { authorization: ADMIN, 'tus-resumable': '1.0.0' }
const PIECE = { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }

let gateway: TestApp
afterAll(() => gateway.close())

const ENVIRONMENT = { UPLOAD_EXPIRES_SECONDS: String(SECONDS), UPLOAD_LEASE_SECONDS: String(LEASE_SECONDS) }
beforeAll(async () => {
  gateway = await startApp(ENVIRONMENT)
})

/** Works with a gateway that takes its time at a point. */
async function slowAt(point: string, work: () => Promise<void>, environment = {}): Promise<void> {
  const before = gateway
  gateway = await startApp({ ...ENVIRONMENT, FAULT: `${point}:delay=${SECONDS * 2_000}`, ...environment })
  try {
    await work()
  } finally {
    await gateway.close()
    gateway = before
  }
}

async function newUpload(): Promise<string> {
  const { status, headers } = await fetch(`${gateway.url}/uploads`, {
    method: 'POST',
    headers: { ...TUS, 'upload-length': String(BYTES.length) },
  })
  expect(status).toBe(201)
  return headers.get('location') as string
}

async function newTicket(): Promise<{ id: string; putUrl: string }> {
  const { createUpload } = await gateway.query(
    `mutation { createUpload(input: {}) { ticket { id putUrl } userErrors { code } } }`,
  )
  return createUpload.ticket
}

async function complete(id: string): Promise<string> {
  const { data, errors } = await gateway.send(
    `mutation($id: ID!) { completeUpload(input: { id: $id }) { media { status } userErrors { code } } }`,
    { id },
  )
  const { media, userErrors } = data?.completeUpload ?? {}
  return errors?.[0]?.extensions.code ?? userErrors[0]?.code ?? media.status
}

/** Uploads that began now have run out. */
const expiry = () => delay(SECONDS * 1000 + 100)

async function blobs(): Promise<readonly { state: string }[]> {
  await gateway.app.reaper.run()
  return gateway.app.foundation.database.query(`SELECT state FROM blob`)
}

test('what came of an upload that nobody goes on with goes when it expires', async () => {
  const url = await newUpload()
  expect(await blobs()).toEqual([{ state: 'staged' }])
  await expiry()
  expect(await blobs()).toEqual([])
  expect((await fetch(url, { method: 'HEAD', headers: TUS })).status).toBe(410)
})

test('a whole part that nobody has made a file of is gone when it expires, and says so: it must be sent again', async () => {
  const { headers } = await fetch(`${gateway.url}/uploads`, {
    method: 'POST',
    headers: { ...PIECE, 'upload-length': String(BYTES.length), 'upload-concat': 'partial' },
    body: BYTES,
  })
  const url = headers.get('location') as string
  expect((await fetch(url, { method: 'HEAD', headers: TUS })).status).toBe(200)
  await expiry()
  expect(await blobs()).toEqual([])
  expect((await fetch(url, { method: 'HEAD', headers: TUS })).status).toBe(410)
})

test('a piece that is still coming when its upload expires is cut off, and nothing of it stays', async () => {
  const url = await newUpload()
  const patch = request(url, { method: 'PATCH', headers: { ...PIECE, 'content-length': BYTES.length } })
  patch.write(BYTES.subarray(0, 50_000))
  const [{ statusCode }] = (await once(patch, 'response')) as [IncomingMessage]
  expect(statusCode).toBe(410)
  patch.destroy()
  expect(await blobs()).toEqual([])
  expect((await fetch(url, { method: 'HEAD', headers: TUS })).status).toBe(410)
})

test('the bytes of a ticket that is not completed go when it expires', async () => {
  const { id, putUrl } = await newTicket()
  expect((await fetch(putUrl, { method: 'PUT', body: BYTES })).status).toBe(201)
  expect(await blobs()).toEqual([{ state: 'staged' }])
  await expiry()
  expect(await blobs()).toEqual([])
  expect(await complete(id)).toBe('UPLOAD_EXPIRED')
})

test('an upload that has all its bytes before it expires becomes a media, however long that takes', () =>
  slowAt('T2.complete', async () => {
    const url = await newUpload()
    const patched = fetch(url, { method: 'PATCH', headers: PIECE, body: BYTES })
    await expiry()
    expect(await blobs()).toEqual([{ state: 'staged' }])
    expect((await patched).status).toBe(204)
    expect(await blobs()).toEqual([{ state: 'live' }])
    const { status, headers } = await fetch(url, { method: 'HEAD', headers: TUS })
    expect([status, headers.get('upload-offset')]).toEqual([200, String(BYTES.length)])
  }))

test('parts that are being put together when they expire become their media', () =>
  slowAt(
    'U2.start',
    async () => {
      const part = { ...PIECE, 'upload-length': '1000000', 'upload-concat': 'partial' }
      const urls: unknown[] = []
      for (const body of [Buffer.alloc(1_000_000, 'a'), Buffer.alloc(1_000_000, 'b')]) {
        const { headers } = await fetch(`${gateway.url}/uploads`, { method: 'POST', headers: part, body })
        urls.push(headers.get('location'))
      }
      const joined = fetch(`${gateway.url}/uploads`, {
        method: 'POST',
        headers: { ...TUS, 'upload-concat': `final;${urls.join(' ')}` },
      })
      await expiry()
      await gateway.app.reaper.run()
      expect((await joined).status).toBe(201)
      expect(await blobs()).toEqual([{ state: 'live' }])
    },
    { UPLOAD_LEASE_SECONDS: String(SECONDS * 3) },
  ))

test('a ticket is completed whose completion has begun before it expires', () =>
  slowAt('U4.beforeCommit', async () => {
    const { id, putUrl } = await newTicket()
    await fetch(putUrl, { method: 'PUT', body: BYTES })
    const completed = complete(id)
    await expiry()
    expect(await blobs()).toEqual([{ state: 'staged' }])
    expect(await completed).toBe('COMPLETED')
    expect(await blobs()).toEqual([{ state: 'live' }])
  }))

test('a resumable upload that gave its bytes to a ticket stays finished when the ticket is completed', async () => {
  const { id, putUrl } = await newTicket()
  const { headers } = await fetch(putUrl, {
    method: 'POST',
    headers: { ...PIECE, 'upload-length': String(BYTES.length) },
    body: BYTES,
  })
  expect(await complete(id)).toBe('COMPLETED')
  const head = await fetch(headers.get('location') as string, { method: 'HEAD', headers: TUS })
  expect([head.status, head.headers.get('upload-offset')]).toEqual([200, String(BYTES.length)])
})
