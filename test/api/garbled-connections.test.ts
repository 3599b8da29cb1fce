import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { pino } from 'pino'
import { createHttpServer } from '../../src/entrances/http/server.ts'

/** Clients that send what is no HTTP behind a request that is some. */
const logger = pino({ level: 'silent' })
const patience = { idleSeconds: 60, bytesPerSecond: 0 }
const connections = { most: 100, mostOfAddress: 100 }

type Server = Awaited<ReturnType<typeof createHttpServer>>

let server: Server
/** Requests that were begun, as method and path. */
let seen: string[]
/** Lets the answers out that are held. */
let release: () => void
beforeEach(async () => {
  seen = []
  const { promise: released, resolve } = Promise.withResolvers<void>()
  release = resolve
  server = await createHttpServer({ logger, corsOrigins: [], trustProxy: [], patience, connections })
  server.addHook('onRequest', async request => void seen.push(`${request.method} ${request.url}`))
  server.delete('/held/:name', async (_, reply) => {
    await released
    return reply.code(204).send()
  })
  server.get('/streamed', async (_, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-length': '10' })
    reply.raw.write('01234')
    await released
    reply.raw.end('56789')
  })
  server.post('/read', async request => request.body)
  await server.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  release()
  await server.close()
})

function open(): Socket {
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

/** All that comes until the gateway ends the connection. */
async function all(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const garbage = () => once(server.server, 'clientError')
const request = (line: string, ...fields: string[]) =>
  `${[`${line} HTTP/1.1`, 'host: x', ...fields].join('\r\n')}\r\n\r\n`

test('a body behind a DELETE that says nothing of it leaves its answer as it is, the last one', async () => {
  const socket = open()
  const came = garbage()
  socket.write(`${request('DELETE /held/a')}{}`)
  await came
  release()
  const answer = await all(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
  expect(answer).toMatch(/\r\nconnection: close\r\n/i)
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
})

test('nothing behind the first bad byte is a request, in the same packet or later', async () => {
  const socket = open()
  const came = garbage()
  socket.write(`${request('DELETE /held/a')}{}\r\n\r\n${request('DELETE /held/same')}`)
  await came
  const more = garbage()
  socket.write(request('DELETE /held/later'))
  await more
  release()
  expect((await all(socket)).match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(seen).toEqual(['DELETE /held/a'])
})

test('an answer that is under way comes to its end', async () => {
  const socket = open()
  socket.write(request('GET /streamed'))
  await once(socket, 'readable')
  const came = garbage()
  socket.write('{}')
  await came
  release()
  expect(await all(socket)).toMatch(/\r\n\r\n0123456789$/)
})

test('of several requests each is answered before the end', async () => {
  const socket = open()
  const came = garbage()
  socket.write(`${request('DELETE /held/a')}${request('DELETE /held/b')}{}`)
  await came
  release()
  const answer = await all(socket)
  expect(answer.match(/HTTP\/1\.1 204/g)).toHaveLength(2)
  expect(answer.match(/connection: close/gi)).toHaveLength(1)
  expect(seen).toEqual(['DELETE /held/a', 'DELETE /held/b'])
})

test('a request whose own body is garbled is refused, and what is pending ahead of it is answered', async () => {
  const broken = `${request('POST /read', 'content-type: application/json', 'transfer-encoding: chunked')}zz\r\n`
  const alone = open()
  alone.write(broken)
  expect(await all(alone)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  const behind = open()
  const came = garbage()
  behind.write(`${request('DELETE /held/a')}${broken}`)
  await came
  release()
  const answer = await all(behind)
  expect(answer).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
})

test.each([
  ['no HTTP at all', '{}'],
  ['two lengths', request('POST /read', 'content-length: 1', 'content-length: 2')],
  ['a length beside chunks', request('POST /read', 'content-length: 5', 'transfer-encoding: chunked')],
])('%s is refused and ends the connection, answered requests ahead of it or not', async (_, text) => {
  const fresh = open()
  fresh.write(text)
  expect(await all(fresh)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  const used = open()
  release()
  used.write(request('DELETE /held/a'))
  await once(used, 'readable')
  used.write(text)
  const answers = await all(used)
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 400'])
})
