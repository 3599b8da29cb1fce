import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { startApp, type TestApp } from '../support/app.ts'
import { complete, put, ticketFor } from '../support/tickets.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ CORS_ORIGINS: 'https://app.example' })
})
afterAll(() => gateway.close())

const BYTES = Buffer.from('the bytes of a file')
const digest = (algorithm: string, bytes: Uint8Array) =>
  `:${createHash(algorithm).update(bytes).digest('base64')}:`
const expire = (id: string) =>
  gateway.app.foundation.database.query(
    `UPDATE upload_ticket SET expires_at = now() - interval '1 second' WHERE id = $1`,
    [id],
  )

describe('PUT to a ticket', () => {
  test.each([
    ['content-digest', `sha-256=${digest('sha256', BYTES)}`],
    ['repr-digest', `sha-512=${digest('sha512', BYTES)}`],
    ['content-digest', `unknown=:AAAA:, sha-256=${digest('sha256', BYTES)}`],
    ['repr-digest', `sha-256=${digest('sha256', BYTES)},sha-512=${digest('sha512', BYTES)}`],
  ])('takes bytes that are those of their %s: %s', async (header, value) => {
    const { putUrl } = await ticketFor(gateway)
    expect(await put(putUrl, BYTES, { [header]: value })).toMatchObject({ status: 201 })
  })

  test.each([
    ['content-digest', `sha-256=${digest('sha256', Buffer.from('others'))}`, 422, 'CONTENT_MISMATCH'],
    ['repr-digest', `sha-512=${digest('sha512', Buffer.from('others'))}`, 422, 'CONTENT_MISMATCH'],
    [
      'content-digest',
      `sha-256=${digest('sha256', BYTES)}, sha-512=${digest('sha512', Buffer.from('others'))}`,
      422,
      'CONTENT_MISMATCH',
    ],
    ['content-digest', 'sha-256=abc', 400, 'BAD_REQUEST'],
    ['repr-digest', `md5=${digest('md5', BYTES)}`, 400, 'BAD_REQUEST'],
    ['content-range', 'bytes 0-9/100', 400, 'BAD_REQUEST'],
    ['content-encoding', 'gzip', 400, 'BAD_REQUEST'],
  ])('refuses %s: %s', async (header, value, status, code) => {
    const ticket = await ticketFor(gateway)
    expect(await put(ticket.putUrl, BYTES, { [header]: value })).toMatchObject({
      status,
      body: { error: { code } },
    })
    expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'UPLOAD_NOT_RECEIVED' }])
  })

  test('takes type and name of the request where the ticket has none', async () => {
    const ticket = await ticketFor(gateway)
    await put(ticket.putUrl, BYTES, {
      'content-type': 'text/markdown; charset=utf-8',
      'content-disposition': `attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.md`,
    })
    const { result } = await complete(gateway, ticket.id, 'originalFileName mimeType')
    expect(result).toEqual({ originalFileName: 'größe.md', mimeType: 'text/markdown' })
  })

  test('loses no bytes for a Content-Type that is none', async () => {
    for (const type of ['foo', 'false', 'text/']) {
      const ticket = await ticketFor(gateway)
      expect(await put(ticket.putUrl, BYTES, { 'content-type': type })).toMatchObject({ status: 201 })
      expect((await complete(gateway, ticket.id, 'size')).result).toEqual({ size: BYTES.length })
    }
  })

  test('takes an empty file', async () => {
    const ticket = await ticketFor(gateway, { size: 0 })
    expect((await put(ticket.putUrl, Buffer.alloc(0))).status).toBe(201)
    expect((await complete(gateway, ticket.id, 'size')).result).toEqual({ size: 0 })
  })

  test('again with the same bytes gives the same answer, with others none', async () => {
    const ticket = await ticketFor(gateway)
    const first = await put(ticket.putUrl, BYTES)
    expect(await put(ticket.putUrl, BYTES)).toEqual(first)
    const other = { status: 409, body: { error: { code: 'TICKET_USED' } } }
    expect(await put(ticket.putUrl, Buffer.from('other'))).toMatchObject(other)
    await complete(gateway, ticket.id)
    expect(await put(ticket.putUrl, BYTES)).toEqual(first)
    expect(await put(ticket.putUrl, Buffer.from('other'))).toMatchObject(other)
  })

  test('many at one time leaves one of them, and nothing else', async () => {
    const ticket = await ticketFor(gateway)
    const bodies = Array.from({ length: 10 }, (_, i) => Buffer.from(`body ${i % 2}`))
    const answers = await Promise.all(bodies.map(bytes => put(ticket.putUrl, bytes)))
    const taken = answers.filter(({ status }) => status === 201)
    expect(new Set(taken.map(({ body }) => body.sha256)).size).toBe(1)
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true)
    const { result } = await complete(gateway, ticket.id, 'sha256')
    expect(result.sha256).toBe(taken[0]?.body.sha256)
    expect((await gateway.app.doctor.examine()).awaitingReaper).toBe(0)
  })

  test('that breaks off leaves the ticket open, and nothing in the store', async () => {
    const ticket = await ticketFor(gateway)
    const { port, pathname } = new URL(ticket.putUrl)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`PUT ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`)
    socket.write(Buffer.alloc(500_000))
    await once(socket, 'drain')
    socket.resetAndDestroy()
    expect((await put(ticket.putUrl, BYTES)).status).toBe(201)
    expect((await complete(gateway, ticket.id, 'size')).result).toEqual({ size: BYTES.length })
    const { database } = gateway.app.foundation
    const staged = () =>
      database.query(`SELECT b.id FROM blob b LEFT JOIN upload_ticket t ON t.blob_id = b.id
        WHERE b.state <> 'live' AND t.id IS NULL`)
    // The broken-off request clears up when it notices; its lease is far from over. The test's own timeout ends this otherwise.
    while ((await staged()).length > 0) await new Promise(setImmediate)
  })

  test.each(['', 'x', 'a.b.c', '01a223e1-b56b-7444-95c8-a104e148c688.test.AAAA'])(
    'with a ticket that is none is not found: %j',
    async token => {
      expect(await put(`${gateway.url}/uploads/tickets/${token}`, BYTES)).toMatchObject({ status: 404 })
    },
  )

  test('with a ticket whose signature is another’s is not found', async () => {
    const [one, two] = [await ticketFor(gateway), await ticketFor(gateway)]
    const forged = one.putUrl.replace(one.id, two.id)
    expect(await put(forged, BYTES)).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } })
  })

  test('to one that has expired is gone, as is its completion', async () => {
    const [open, received] = [await ticketFor(gateway), await ticketFor(gateway)]
    await put(received.putUrl, BYTES)
    for (const ticket of [open, received]) {
      await expire(ticket.id)
      expect(await put(ticket.putUrl, BYTES)).toMatchObject({
        status: 410,
        body: { error: { code: 'UPLOAD_EXPIRED' } },
      })
      expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'UPLOAD_EXPIRED' }])
    }
  })

  test('is allowed to browsers of the configured origins', async () => {
    const { putUrl } = await ticketFor(gateway)
    const headers = {
      origin: 'https://app.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type,repr-digest',
    }
    const preflight = await fetch(putUrl, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,repr-digest')
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example')
    const foreign = await fetch(putUrl, {
      method: 'OPTIONS',
      headers: { ...headers, origin: 'https://evil.example' },
    })
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
  })
})
