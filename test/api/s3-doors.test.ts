import { createHash, randomBytes } from 'node:crypto'
import { breakableLine } from '../clients/breakable-line.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { missingCephPrograms, STARTS_WITHIN_MS } from '../support/ceph-rgw.ts'
import { fixture } from '../support/fixtures.ts'
import { s3Url } from '../support/s3-folder.ts'
import { sharedCephRgw } from '../support/store-servers.ts'
import { complete, put, ticketFor } from '../support/tickets.ts'

// The ways in with a real object store behind them, and the way past the gateway into it.

const missing = missingCephPrograms()
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface Presigned {
  readonly partSize: number | null
  readonly requests: ReadonlyArray<{
    method: string
    url: string
    headers: ReadonlyArray<{ name: string; value: string }>
  }>
}

async function presignedTicket(gateway: TestApp, input: Record<string, unknown>) {
  const { createUpload } = await gateway.query(
    `mutation C($input: CreateUploadInput!) { createUpload(input: $input) { ticket { id putUrl presigned {
       partSize requests { method url headers { name value } } } } userErrors { code } } }`,
    { input: { ...input, presigned: true } },
  )
  return createUpload.ticket as { id: string; putUrl: string; presigned: Presigned | null }
}

/** Blobs that bytes come to in parts, and whose row names the upload at the store. */
async function stagedUploads({ app }: TestApp): Promise<string[]> {
  const rows = await app.foundation.database.query<{ id: string }>(
    `SELECT id FROM blob WHERE state = 'staged' AND multipart_id IS NOT NULL`,
  )
  return rows.map(({ id }) => id)
}

/** Sends each request its part of the bytes, as a browser would; gives the statuses. */
async function send({ requests, partSize }: Presigned, bytes: Uint8Array): Promise<number[]> {
  const statuses: number[] = []
  for (const [i, { method, url, headers }] of requests.entries()) {
    const part = partSize === null ? bytes : bytes.subarray(i * partSize, (i + 1) * partSize)
    const named = headers.filter(({ name }) => name !== 'content-length')
    const answer = await fetch(url, {
      method,
      headers: Object.fromEntries(named.map(({ name, value }) => [name, value])),
      body: new Uint8Array(part),
    })
    await answer.arrayBuffer()
    statuses.push(answer.status)
  }
  return statuses
}

if (missing.length > 0) {
  test(`uploads to a real object store are left out: there is no ${missing.join(', ')} here`, () => undefined)
} else {
  let gateway: TestApp

  beforeAll(async () => {
    gateway = await startApp({}, { store: 's3' })
  }, STARTS_WITHIN_MS)
  afterAll(() => gateway.close())

  const contentOf = async (id: string) =>
    Buffer.from(
      await (
        await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
      ).arrayBuffer(),
    )
  const nothingWaits = async () => {
    const { findings, awaitingReaper } = await gateway.app.doctor.examine()
    expect({ findings, awaitingReaper }).toEqual({ findings: [], awaitingReaper: 0 })
  }

  describe('presigned requests', () => {
    test('of a file whose SHA-256 is announced are one, and take no other bytes, ever', async () => {
      const bytes = randomBytes(300_000)
      const ticket = await presignedTicket(gateway, { size: bytes.length, sha256: sha256(bytes), title: 'P' })
      const presigned = ticket.presigned as Presigned
      expect([presigned.partSize, presigned.requests.length]).toEqual([null, 1])
      expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'UPLOAD_NOT_RECEIVED' }])
      expect((await send(presigned, randomBytes(300_000)))[0]).toBeGreaterThanOrEqual(400)
      expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'UPLOAD_NOT_RECEIVED' }])
      expect(await send(presigned, bytes)).toEqual([200])
      const { result } = await complete(gateway, ticket.id, 'id size sha256 title')
      expect(result).toMatchObject({ size: bytes.length, sha256: sha256(bytes), title: 'P' })
      // The request is good for a while still, and can do no harm.
      expect((await send(presigned, randomBytes(300_000)))[0]).toBeGreaterThanOrEqual(400)
      expect(Buffer.compare(await contentOf(result.id), bytes)).toBe(0)
      await nothingWaits()
    })

    test('of a file whose SHA-256 is not known are one a part, and none is taken after completion', async () => {
      const bytes = randomBytes(20_000_000)
      const ticket = await presignedTicket(gateway, { size: bytes.length, fileName: 'big.bin' })
      const presigned = ticket.presigned as Presigned
      expect(presigned.requests.length).toBe(Math.ceil(bytes.length / (presigned.partSize ?? 1)))
      expect(presigned.requests.length).toBeGreaterThan(1)
      const [first] = presigned.requests
      await send({ ...presigned, requests: first ? [first] : [] }, bytes)
      expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'UPLOAD_NOT_RECEIVED' }])
      expect(new Set(await send(presigned, bytes))).toEqual(new Set([200]))
      const { result } = await complete(gateway, ticket.id, 'id size sha256 originalFileName')
      expect(result).toMatchObject({ size: bytes.length, sha256: sha256(bytes), originalFileName: 'big.bin' })
      expect((await complete(gateway, ticket.id)).result).toEqual({ id: result.id })
      for (const status of await send(presigned, randomBytes(bytes.length))) expect(status).toBe(404)
      expect(sha256(await contentOf(result.id))).toBe(sha256(bytes))
      await nothingWaits()
    })

    test('bytes of a type that is not accepted are removed, and the ticket takes others by PUT', async () => {
      const image = fixture('photo.png').bytes()
      const ticket = await presignedTicket(gateway, { size: image.length, accept: ['image/*'] })
      await send(ticket.presigned as Presigned, Buffer.alloc(image.length, 'this is text'))
      expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'TYPE_NOT_ACCEPTED' }])
      await nothingWaits()
      expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'UPLOAD_NOT_RECEIVED' }])
      expect(await put(ticket.putUrl, image)).toMatchObject({ status: 201 })
      expect((await complete(gateway, ticket.id, 'mimeType')).result).toEqual({ mimeType: 'image/png' })
    })

    test('are not given without the size, and none are where the file came by PUT', async () => {
      expect((await presignedTicket(gateway, {})).presigned).toBeNull()
      const ticket = await presignedTicket(gateway, { size: 3 })
      expect((await put(ticket.putUrl, Buffer.from('abc'))).status).toBe(201)
      expect((await complete(gateway, ticket.id, 'size')).result).toEqual({ size: 3 })
    })
  })

  describe('with its bytes in an object store', () => {
    const tus = { 'tus-resumable': '1.0.0', authorization: ADMIN }
    const piece = { ...tus, 'content-type': 'application/offset+octet-stream' }

    test('PUT and multipart give the same media as on a disk', async () => {
      const bytes = randomBytes(9_000_000)
      const ticket = await ticketFor(gateway)
      expect((await put(ticket.putUrl, bytes)).body.sha256).toBe(sha256(bytes))
      const { result } = await complete(gateway, ticket.id, 'sha256 size storeId')
      const { media } = await gateway.upload({ bytes }, {}, 'sha256 size storeId')
      expect(result).toEqual(media)
    })

    test('a row has the handle of its multipart upload while bytes come, and the reaper ends it by that', async () => {
      const { foundation, reaper } = gateway.app
      // Of a ticket whose presigned requests nobody has used.
      const waiting = await stagedUploads(gateway)
      const ticket = await ticketFor(gateway)
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      const sender = writable.getWriter()
      const answer = put(ticket.putUrl, readable).catch(error => error)
      await sender.write(randomBytes(9_000_000))
      let ours: string | undefined
      while (ours === undefined) ours = (await stagedUploads(gateway)).find(id => !waiting.includes(id))
      await foundation.database.query(
        `UPDATE blob SET lease_until = now() - interval '1 second' WHERE id = $1`,
        [ours],
      )
      expect(await reaper.run()).toMatchObject({ expired: 1, removed: 1, failed: 0 })
      expect(await gateway.storedNames()).not.toContainEqual(expect.stringContaining(ours))
      await sender.close().catch(() => undefined)
      expect((await answer).status).toBe(503)
      await nothingWaits()
    })

    test('a tus upload goes on, takes a wrong checksum back, and is joined of parts', async () => {
      const bytes = randomBytes(12_000_000)
      const create = async (length: number, headers: Record<string, string> = {}) => {
        const answer = await fetch(`${gateway.url}/uploads`, {
          method: 'POST',
          headers: { ...tus, 'upload-length': String(length), ...headers },
        })
        return answer.headers.get('location') as string
      }
      const patch = (url: string, at: number, body: Buffer, headers: Record<string, string> = {}) =>
        fetch(url, {
          method: 'PATCH',
          headers: { ...piece, 'upload-offset': String(at), ...headers },
          body: new Uint8Array(body),
        })
      const url = await create(bytes.length)
      expect((await patch(url, 0, bytes.subarray(0, 7_000_001))).headers.get('upload-offset')).toBe('7000001')
      const wrong = { 'upload-checksum': `sha1 ${Buffer.alloc(20, 1).toString('base64')}` }
      expect((await patch(url, 7_000_001, randomBytes(4_000_000), wrong)).status).toBe(460)
      const head = await fetch(url, { method: 'HEAD', headers: tus })
      expect(head.headers.get('upload-offset')).toBe('7000001')
      const last = await patch(url, 7_000_001, bytes.subarray(7_000_001))
      expect(sha256(await contentOf(last.headers.get('media-id') ?? ''))).toBe(sha256(bytes))

      const parts: string[] = []
      for (const half of [bytes.subarray(0, 6_000_000), bytes.subarray(6_000_000)]) {
        const part = await create(half.length, { 'upload-concat': 'partial' })
        expect((await patch(part, 0, half)).status).toBe(204)
        parts.push(part)
      }
      const joined = await fetch(`${gateway.url}/uploads`, {
        method: 'POST',
        headers: { ...tus, 'upload-concat': `final;${parts.join(' ')}` },
      })
      expect(sha256(await contentOf(joined.headers.get('media-id') ?? ''))).toBe(sha256(bytes))
      await nothingWaits()
    })

    test('that breaks off while parts are put together, nothing is lost, and the same request ends it', async () => {
      const { endpoint } = await sharedCephRgw()
      await using line = await breakableLine(endpoint)
      const slow = await startApp({
        STORAGE_URL: s3Url(line.url, 'breaks/'),
        // So that there is a middle to break off in.
        FAULT: 'U2.bytes@1000000:delay=50',
      })
      // Too small for the store to join them itself: their bytes go through the gateway.
      const [first, second] = [randomBytes(4_000_000), randomBytes(4_000_000)]
      const parts: string[] = []
      for (const half of [first, second]) {
        const created = await fetch(`${slow.url}/uploads`, {
          method: 'POST',
          headers: { ...piece, 'upload-length': String(half.length), 'upload-concat': 'partial' },
          body: new Uint8Array(half),
        })
        expect(created.status).toBe(201)
        parts.push(created.headers.get('location') as string)
      }
      const join = () =>
        fetch(`${slow.url}/uploads`, {
          method: 'POST',
          headers: { ...tus, 'upload-concat': `final;${parts.join(' ')}` },
        })
      const before = line.carried()
      const broken = join()
      while (line.carried() < before + 1_500_000) await new Promise(setImmediate)
      line.cut()
      expect((await broken).status).toBe(503)
      const joined = await join()
      expect(joined.status).toBe(201)
      const { media } = await slow.query('query($id: ID!) { media(id: $id) { sha256 } }', {
        id: joined.headers.get('media-id'),
      })
      expect(media.sha256).toBe(sha256(Buffer.concat([first, second])))
      await slow.close()
    })
  })
}
