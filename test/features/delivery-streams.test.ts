import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { truncate, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { type DeliveryServer, signedIn, startDelivery } from '../support/delivery.ts'

const MiB = 1024 * 1024

let server: DeliveryServer
beforeEach(async () => {
  server = await startDelivery()
})
afterEach(() => server.stop())

const urlOf = ({ mediaId }: { mediaId: string }) => `/media/${mediaId}/content`

/** Descriptors of this process that point into the folder of the contents. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(server.folder)
    } catch {
      return false
    }
  }).length
}

/** Sends a GET on a connection of its own. */
function begin(url: string): Socket {
  const socket = connect(server.port, '127.0.0.1')
  socket.write(`GET ${url} HTTP/1.1\r\nHost: x\r\nAuthorization: ${signedIn.authorization}\r\n\r\n`)
  return socket
}

it('2 000 HEADs open no file', async () => {
  const media = await server.library.add('x')
  const ask = async () => (await server.ask('HEAD', urlOf(media))).status
  const statuses = await Promise.all(Array.from({ length: 2_000 }, ask))
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(server.library.streams).toEqual([])
})

it('500 clients that leave after a kilobyte leave no file open, and their files were not read to the end', async () => {
  const media = await server.library.add('')
  const big = await server.library.add('', { size: 64 * MiB })
  await truncate(server.library.path(big.key), 64 * MiB)
  const leave = async () => {
    const socket = begin(urlOf(big))
    for (let got = 0; got < 1024; ) got += ((await once(socket, 'data')) as [Buffer])[0].length
    socket.destroy()
  }
  for (let round = 0; round < 25; round++) await Promise.all(Array.from({ length: 20 }, leave))
  await server.library.allClosed()

  expect(server.library.streams).toHaveLength(500)
  expect(openFiles()).toBe(0)
  expect(Math.max(...server.library.streams.map(stream => stream.bytesRead))).toBeLessThan(64 * MiB)
  expect((await server.ask('GET', urlOf(media))).status).toBe(200)
  expect(server.complaints).toEqual([])
})

it('a client that has left before the file was opened leaves none open, and nothing is read', async () => {
  const media = await server.library.add('x'.repeat(100_000))
  const gate = Promise.withResolvers<void>()
  server.library.mayOpen = gate.promise
  const connected = once(server.app.server, 'request')
  const socket = begin(urlOf(media))
  const [, response] = (await connected) as [unknown, NodeJS.EventEmitter]
  const gone = once(response, 'close')
  socket.destroy()
  await gone
  gate.resolve()
  await once(server.library, 'opened')
  await server.library.allClosed()
  expect(openFiles()).toBe(0)
  expect(server.library.streams.map(stream => stream.bytesRead)).toEqual([0])
  expect(server.complaints).toEqual([])
})

describe('a store that', () => {
  it('fails midway cuts the connection, is logged, and never gives a second answer', async () => {
    const media = await server.library.add(Buffer.alloc(MiB))
    server.library.failAfter = 200_000
    const socket = begin(urlOf(media))
    const received = Buffer.concat(await socket.toArray()).toString('latin1')
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(received).toMatch(/^HTTP\/1\.1 200 /)
    expect(received.length).toBeLessThan(MiB)
    await server.library.allClosed()
    expect(openFiles()).toBe(0)
    expect(server.complaints.join()).toContain('the disk is on fire')
  })

  it.each([
    ['fewer', 50],
    ['more', 150],
  ])(
    'has %s bytes than the row says cuts the connection, so that no answer runs into the next',
    async (_, real) => {
      const media = await server.library.add('', { size: 100 })
      await writeFile(server.library.path(media.key), 'x'.repeat(real))
      await expect(server.ask('GET', urlOf(media))).rejects.toThrow(/aborted|hang up/)
      expect(server.complaints.join()).toMatch(/instead of 100/)
    },
  )
})

it('a client that reads slowly holds back the reading of the file', async () => {
  const media = await server.library.add('', { size: 512 * MiB })
  await truncate(server.library.path(media.key), 512 * MiB)
  const socket = begin(urlOf(media))
  await once(socket, 'data')
  socket.pause()
  for (let i = 0; i < 200; i++) await server.ask('HEAD', urlOf(media))
  const [stream] = server.library.streams
  expect(stream?.bytesRead).toBeGreaterThan(0)
  expect(stream?.bytesRead).toBeLessThan(64 * MiB)
  socket.destroy()
})
