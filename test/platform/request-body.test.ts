import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { requestBody } from '../../src/platform/lib/request-body.ts'

const server = createServer().listen(0, '127.0.0.1')
beforeAll(() => server.listening || once(server, 'listening'))
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

/** A request that a client has begun, as both sides have it. */
async function begun() {
  const client = request({ port: (server.address() as AddressInfo).port, method: 'PUT' })
  client.on('error', () => undefined)
  const arrived = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>
  client.write('some')
  const [incoming, response] = await arrived
  return { client, incoming, response }
}

test('a body that is given up leaves the request to be answered', async () => {
  const { client, incoming, response } = await begun()
  const body = requestBody(incoming)
  body.destroy(new Error('enough'))
  await new Promise(closed => body.once('close', closed))
  response.writeHead(413).end('too much')
  const [answer] = (await once(client, 'response')) as [IncomingMessage]
  expect([answer.statusCode, await text(answer)]).toEqual([413, 'too much'])
  client.destroy()
})

test('a body comes whole', async () => {
  const { client, incoming, response } = await begun()
  const body = requestBody(incoming)
  client.end(' more')
  expect(await text(body)).toBe('some more')
  response.end()
})

test('a body breaks off when its client does, whether anybody reads it or not', async () => {
  const { client, incoming } = await begun()
  const body = requestBody(incoming)
  client.destroy()
  await expect(once(body, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(requestBody(incoming).destroyed).toBe(true)
})
