import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import { createHttpServer } from '../../src/entrances/http/server.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { graphqlClient } from '../support/gql.ts'

let gateway: TestApp
/** `brokenOff`: the gateway has given up a download. */
const downloads = new EventEmitter<{ brokenOff: [] }>()
beforeAll(async () => {
  const logTo = {
    write: (line: string) => void (line.includes('left before the end') && downloads.emit('brokenOff')),
  }
  gateway = await startApp({ IDLE_TIMEOUT_SECONDS: '1', LOG_LEVEL: 'debug' }, { logTo })
})
afterAll(() => gateway.close())

const open = (text: string, port = Number(new URL(gateway.url).port)): Socket => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(text)
  return socket
}

async function allOf(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  await once(socket, 'close')
  return text
}

const head = (path: string, length: number, type = 'application/json') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\nApollo-Require-Preflight: 1\r\n\r\n`

describe('a client that stalls', () => {
  test('in its JSON gets 408 and is cut off', async () => {
    expect(await allOf(open(`${head('/graphql', 100)}{"query":`))).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('in the middle of a file gets 408, and nothing of the file stays', async () => {
    const part = (name: string, value: string, rest = '') =>
      `--b\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n${value}`
    const body =
      `${part('operations', JSON.stringify({ query: 'mutation U($f: Upload!) { uploadMedia(input: { file: $f }) { media { id } } }', variables: { f: null } }))}\r\n` +
      `${part('map', '{"0":["variables.f"]}')}\r\n${part('0', 'x'.repeat(10_000), '; filename="a.bin"')}`
    const socket = open(head('/graphql', 1_000_000, 'multipart/form-data; boundary=b') + body)
    expect(await allOf(socket)).toMatch(/^HTTP\/1\.1 408 /)
    expect((await gateway.query('{ mediaItems { totalCount } }')).mediaItems.totalCount).toBe(0)
  })

  test('in its headers is cut off', async () => {
    await allOf(open('GET /health/live HTTP/1.1\r\nHost:'))
  })

  test('before it has asked for anything is cut off', async () => {
    await allOf(open(''))
  })

  test('in reading a download is cut off, also when the connection has served others before', async () => {
    const size = 32 * 2 ** 20
    // By a node that has the patience for a client that has two processors to share with everybody else.
    const patient = await gateway.beside({ IDLE_TIMEOUT_SECONDS: '60' })
    const { media } = await graphqlClient(patient.url, ADMIN).upload({
      bytes: Buffer.alloc(size),
      fileName: 'big.bin',
    })
    await patient.close()
    const socket = open('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.pause()
    const brokenOff = once(downloads, 'brokenOff')
    socket.write(`GET /media/${media.id}/content HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN}\r\n\r\n`)
    await brokenOff
    expect((await allOf(socket.resume())).length).toBeLessThan(size)
  })
})

test('a client that closes after its request and is refused before its end reads the whole answer', async () => {
  const half = Buffer.alloc(2 ** 21)
  for (let round = 0; round < 10; round++) {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    const broken: unknown[] = []
    socket.on('error', error => broken.push(error))
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${half.length * 2}\r\n\r\n`,
    )
    const answer = allOf(socket)
    // It goes on sending although the refusal is there already.
    await new Promise(resolve => socket.write(half, resolve))
    await new Promise(resolve => socket.end(half, () => resolve(undefined)))
    expect([await answer, broken]).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 401 .*"UNAUTHENTICATED"/s),
      [],
    ])
  }
})

describe('a gateway that takes long itself', () => {
  const patientServer = () =>
    createHttpServer({
      logger: pino({ level: 'silent' }),
      corsOrigins: [],
      trustProxy: [],
      patience: { idleSeconds: 1, bytesPerSecond: 1024 },
      connections: { most: 10, mostOfAddress: 10 },
    })

  test('does not cut off a client whose bytes came while it was held up', async () => {
    const server = await patientServer()
    const begun = Promise.withResolvers<void>()
    server.addHook('onRequest', async () => begun.resolve())
    server.post('/', async request => request.body)
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.addresses()[0] as { port: number }
    const body = '{"in":"time"}'
    const socket = open(head('/', body.length), port)
    await begun.promise
    socket.write(body)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
    await server.close()
  })

  test('does not cut off the client who waits for it, and goes on watching it', async () => {
    const server = await patientServer()
    let silences = 0
    server.post('/slow', async (request, reply) => {
      const thrice = Promise.withResolvers<void>()
      reply.raw.on('timeout', () => ++silences === 3 && thrice.resolve())
      await thrice.promise
      return request.body
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.addresses()[0] as { port: number }
    const answer = await fetch(`http://127.0.0.1:${port}/slow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"patience":true}',
    })
    expect(await answer.json()).toEqual({ patience: true })
    await server.close()
  })
})
