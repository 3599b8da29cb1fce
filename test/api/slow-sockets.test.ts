import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'

/** Clients that keep connections by moving a byte now and then, which no time-out without progress would find. */
let gateway: TestApp
/** Says for each download that the gateway has given up. */
const downloads = new EventEmitter<{ brokenOff: [] }>()
beforeAll(async () => {
  const logTo = {
    write: (line: string) => void (line.includes('left before the end') && downloads.emit('brokenOff')),
  }
  const env = { IDLE_TIMEOUT_SECONDS: '2', MIN_BYTES_PER_SECOND: '200000', LOG_LEVEL: 'debug' }
  gateway = await startApp(env, { logTo })
})
afterAll(async () => {
  // Where one was not ended, nothing else would end.
  held = false
  for (const socket of sockets) socket.destroy()
  await gateway.close()
})
const sockets: Socket[] = []
let held = false

const SIZE = 32 * 2 ** 20

function open(url: string, text: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  sockets.push(socket)
  socket.write(text)
  return socket
}

/** Does something small to the socket again and again for as long as it is open. */
function drip(socket: Socket, act: () => void): Socket {
  const timer = setInterval(act, 100)
  socket.once('close', () => clearInterval(timer))
  return socket
}

/** Also by a reset, which a writer hears of first. */
const closed = (socket: Socket): Promise<void> =>
  new Promise(resolve => socket.once('close', () => resolve()))

const brokenOff = (count: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = count
  downloads.on('brokenOff', () => --left === 0 && resolve())
  return promise
}

const slowly = {
  sendsHeaders: () => {
    const socket = open(gateway.url, 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    return drip(socket.resume(), () => socket.write('x'))
  },
  sendsItsBody: () => {
    const socket = open(
      gateway.url,
      `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`,
    )
    return drip(socket.resume(), () => socket.write(' '))
  },
  reads: (download: string) => {
    const socket = open(gateway.url, download)
    return drip(socket.pause(), () => socket.read(100))
  },
  readsNothing: (download: string) => open(gateway.url, download).pause(),
}

test('200 slow sockets are all ended, and meanwhile another client is served', async () => {
  const { media } = await gateway.upload({ bytes: Buffer.alloc(SIZE), fileName: 'big.bin' })
  const download = `GET /media/${media.id}/content HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN}\r\n\r\n`
  const times = (count: number, make: () => Socket) => Array.from({ length: count }, make)
  const senders = [...times(80, slowly.sendsHeaders), ...times(90, slowly.sendsItsBody)]
  const readers = [
    ...times(15, () => slowly.reads(download)),
    ...times(15, () => slowly.readsNothing(download)),
  ]
  held = true
  const ended = Promise.all([...senders.map(closed), brokenOff(readers.length)])
  ended.finally(() => {
    held = false
  })

  let served = 0
  while (held) {
    const { viewer } = await gateway.query('{ viewer { account } }')
    expect(viewer.account).toBe('acme')
    served++
  }
  await ended
  process.stdout.write(`another client was served ${served} times beside 200 slow sockets\n`)
  expect(served).toBeGreaterThan(0)
  await Promise.all(readers.map(socket => closed(socket.resume())))
})

test('a client that is slow and keeps to the rate is left alone', async () => {
  const patient = await startApp({ IDLE_TIMEOUT_SECONDS: '1', MIN_BYTES_PER_SECOND: '1000000' })
  const query = JSON.stringify({ query: '{ __typename }' }).padEnd(900_000)
  const socket = open(
    patient.url,
    `POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${ADMIN}\r\nContent-Type: application/json\r\nContent-Length: ${query.length}\r\n\r\n`,
  )
  let sent = 0
  drip(socket, () => {
    if (sent < query.length) socket.write(query.slice(sent, sent + 150_000))
    sent += 150_000
  })
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
  await patient.close()
})

describe('connections beyond the limit', () => {
  const health = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'

  test.each([
    ['of all', { MAX_CONNECTIONS: '3' }, 'all'],
    ['of an address', { MAX_CONNECTIONS_PER_ADDRESS: '3' }, 'address'],
  ])('%s are closed as they come, which the log tells once', async (_, env, why) => {
    const limited = await startApp(env)
    const sockets = Array.from({ length: 3 }, () => open(limited.url, health))
    await Promise.all(sockets.map(socket => once(socket, 'data')))
    for (let i = 0; i < 2; i++) await once(open(limited.url, health).resume(), 'close')
    const told = limited.log.filter(line => line.why !== undefined)
    expect(told).toEqual([expect.objectContaining({ level: 'warn', why })])

    // One that leaves makes room for another.
    sockets[0]?.end()
    await once(sockets[0] as Socket, 'close')
    const next = open(limited.url, health)
    await once(next, 'data')
    for (const socket of [...sockets, next]) socket.destroy()
    await limited.close()
  })

  test('of an address are not those of a proxy', async () => {
    const limited = await startApp({ MAX_CONNECTIONS_PER_ADDRESS: '3', TRUST_PROXY: 'loopback' })
    const sockets = Array.from({ length: 5 }, () => open(limited.url, health))
    await Promise.all(sockets.map(socket => once(socket, 'data')))
    for (const socket of sockets) socket.destroy()
    await limited.close()
  })
})
