import { once } from 'node:events'
import { connect } from 'node:net'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { complete, put, ticketFor } from '../support/tickets.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ IDLE_TIMEOUT_SECONDS: '1' })
})
afterAll(() => gateway.close())

/** Sends this and then nothing more; gives all that is answered until the connection is closed. */
async function stall(text: string): Promise<string> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  let said = ''
  socket.on('data', data => {
    said += data.toString('latin1')
  })
  socket.write(text)
  await once(socket, 'close')
  return said
}

const message = (head: readonly string[], body: string) =>
  `${head.join('\r\n')}\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${body}`

describe('a client that stalls in the middle of a file', () => {
  test('that it puts to a ticket gets 408; nothing of it stays, and the ticket takes it again', async () => {
    const ticket = await ticketFor(gateway)
    const said = await stall(message([`PUT ${new URL(ticket.putUrl).pathname} HTTP/1.1`], 'x'.repeat(10_000)))
    expect(said).toMatch(/^HTTP\/1\.1 408 /)
    expect((await put(ticket.putUrl, Buffer.from('whole'))).status).toBe(201)
    expect((await complete(gateway, ticket.id, 'size')).result).toEqual({ size: 5 })
    expect((await gateway.app.doctor.examine()).awaitingReaper).toBe(0)
  })

  test('that it sends by tus gets 408, and goes on where it was', async () => {
    const tus = { 'tus-resumable': '1.0.0', authorization: ADMIN }
    const created = await fetch(`${gateway.url}/uploads`, {
      method: 'POST',
      headers: { ...tus, 'upload-length': '1000000' },
    })
    const url = created.headers.get('location') as string
    const said = await stall(
      message(
        [
          `PATCH ${new URL(url).pathname} HTTP/1.1`,
          `Authorization: ${ADMIN}`,
          'Tus-Resumable: 1.0.0',
          'Upload-Offset: 0',
          'Content-Type: application/offset+octet-stream',
        ],
        'x'.repeat(10_000),
      ),
    )
    expect(said).toMatch(/^HTTP\/1\.1 408 /)
    const { status, headers } = await fetch(url, { method: 'HEAD', headers: tus })
    expect([status, headers.get('upload-offset')]).toEqual([200, '10000'])
    expect((await fetch(url, { method: 'DELETE', headers: tus })).status).toBe(204)
  })
})
