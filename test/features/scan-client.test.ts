import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { Clamd, type ClamdOptions } from '../../src/features/scan/clamd.ts'
import { scanConfig } from '../../src/features/scan/scan.config.ts'
import { isClamdMissing, SIGNATURE, startClamd, type TestClamd } from '../support/clamd.ts'
import { countOf } from '../support/counts.ts'
import { eicar } from '../support/eicar.ts'

const MIB = 2 ** 20
const address = (url: string) => {
  const parsed = scanConfig.CLAMAV_URL.parse(url)
  if (!('value' in parsed)) throw new Error(parsed.allowed)
  return parsed.value
}
const client = (url: string, options: Partial<ClamdOptions> = {}) =>
  new Clamd({ address: address(url), silenceMs: 30_000, limitMs: 60_000, ...options })
const unaborted = new AbortController().signal

/** The chunks as a body, and how many of them were read. */
function content(...chunks: readonly Uint8Array[]) {
  const seen = { read: 0, body: undefined as Readable | undefined }
  const bytes = function* () {
    for (const chunk of chunks) {
      seen.read++
      yield Buffer.from(chunk)
    }
  }
  const open = async () => {
    seen.body = Readable.from(bytes(), { objectMode: false, highWaterMark: 1 })
    return seen.body
  }
  return { size: chunks.reduce((sum, { length }) => sum + length, 0), open, seen }
}
const scan = (clamd: Clamd, ...chunks: readonly Uint8Array[]) => clamd.scan(content(...chunks), unaborted)

if (isClamdMissing()) {
  test('scans by a real clamd are left out: there is none here', () => undefined)
} else {
  describe('a real clamd', () => {
    let clamd: TestClamd
    beforeAll(async () => {
      clamd = await startClamd({ StreamMaxLength: '4M', MaxFileSize: '2M' })
    })
    afterAll(() => clamd[Symbol.asyncDispose]())

    test.each(['tcp', 'unix'] as const)('finds malware, or nothing, over %s', async way => {
      const scanner = client(clamd[way])
      await scanner.ping()
      expect(await scan(scanner, Buffer.from('harmless'))).toEqual({ result: 'clean' })
      expect(await scan(scanner)).toEqual({ result: 'clean' })
      const found = { result: 'infected', signature: SIGNATURE }
      expect(await scan(scanner, eicar())).toEqual(found)
      expect(await scan(scanner, Buffer.alloc(MIB, 'a'), eicar(), Buffer.alloc(MIB / 2, 'b'))).toEqual(found)
    })

    test('finds what lies across two pieces, or behind a piece without bytes', async () => {
      const scanner = client(clamd.tcp)
      const found = { result: 'infected', signature: SIGNATURE }
      const [first, second] = [eicar().subarray(0, 30), eicar().subarray(30)]
      expect(await scan(scanner, first, second)).toEqual(found)
      const body = Readable.from([Buffer.from('x'), Buffer.alloc(0), eicar()])
      const size = 1 + eicar().length
      expect(await scanner.scan({ size, open: async () => body }, unaborted)).toEqual(found)
    })

    test('says that a content is larger than its stream may be, each time, while it is still sent', async () => {
      const piece = randomBytes(64 * 1024)
      for (let i = 0; i < countOf({ daily: 20, thorough: 200 }); i++) {
        const large = content(...Array.from({ length: 256 }, () => piece))
        const verdict = await client(i % 2 ? clamd.tcp : clamd.unix).scan(large, unaborted)
        expect(verdict).toMatchObject({ result: 'error', reason: 'too-large' })
        expect(large.seen.read).toBeLessThan(256)
        expect(large.seen.body?.destroyed).toBe(true)
      }
    })

    test('that stops at a limit of its own has found nothing, and no malware either', async () => {
      expect(await scan(client(clamd.tcp), Buffer.alloc(3 * MIB, 'a'), eicar())).toEqual({
        result: 'error',
        reason: 'over-limits',
        detail: 'Heuristics.Limits.Exceeded.MaxFileSize',
      })
    })

    test('is not believed when the store has given less than there is', async () => {
      const short = { size: 10, open: async () => Readable.from([Buffer.from('nine byte')]) }
      await expect(client(clamd.tcp).scan(short, unaborted)).rejects.toThrow('9 bytes instead of 10')
    })

    test('what the store breaks off with comes through', async () => {
      const broken = Readable.from(
        (async function* () {
          yield Buffer.from('some')
          throw new Error('the disk is on fire')
        })(),
      )
      const scanned = client(clamd.tcp).scan({ size: 10, open: async () => broken }, unaborted)
      await expect(scanned).rejects.toThrow('the disk is on fire')
      const unopened = { size: 1, open: () => Promise.reject(new Error('no such object')) }
      await expect(client(clamd.tcp).scan(unopened, unaborted)).rejects.toThrow('no such object')
    })

    test('that is killed in the middle gives no verdict, and is asked again when it is back', async () => {
      let isHalf = false
      const body = Readable.from(
        (async function* () {
          yield Buffer.alloc(MIB, 'a')
          isHalf = true
          await clamd.kill()
          yield Buffer.alloc(MIB, 'a')
        })(),
      )
      const scanned = client(clamd.tcp).scan({ size: 2 * MIB, open: async () => body }, unaborted)
      await expect(scanned).rejects.toMatchObject({ name: 'ScannerUnavailable' })
      expect(isHalf).toBe(true)
      expect(body.destroyed).toBe(true)
      const unread = content(eicar())
      await expect(client(clamd.unix).scan(unread, unaborted)).rejects.toMatchObject({
        code: 'SCANNER_UNAVAILABLE',
      })
      await expect(client(clamd.tcp).ping()).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' })
      // Nothing is read of the store for a scanner that is not there.
      expect(unread.seen.body).toBeUndefined()
      await clamd.start()
      expect(await scan(client(clamd.tcp), eicar())).toMatchObject({ result: 'infected' })
    })
  })
}

describe('what speaks as no clamd does', () => {
  let peer: Server
  let url: string
  let answer: (socket: Socket, sent: Buffer) => void
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    peer = createServer(socket => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
      const sent: Buffer[] = []
      socket.on('data', piece => {
        sent.push(piece)
        answer(socket, Buffer.concat(sent))
      })
    }).listen(0, '127.0.0.1')
    await once(peer, 'listening')
    url = `tcp://127.0.0.1:${(peer.address() as AddressInfo).port}`
  })
  afterAll(() => peer.close())

  const END = Buffer.from([0, 0, 0, 1, 0x78, 0, 0, 0, 0])
  const isWhole = (sent: Buffer) => sent.subarray(-END.length).equals(END)
  /** What comes of one byte of content, answered so. */
  const afterAnswer = (text: string, options: Partial<ClamdOptions> = {}) => {
    answer = (socket, sent) => void (isWhole(sent) && socket.end(text, 'latin1'))
    return scan(client(url, options), Buffer.from('x'))
  }

  test('is believed word by word', async () => {
    expect(await afterAnswer('stream: OK\0')).toEqual({ result: 'clean' })
    expect(await afterAnswer('stream: Win.Test FOUND\0')).toEqual({
      result: 'infected',
      signature: 'Win.Test',
    })
  })

  test.each([
    ["stream: Can't allocate memory ERROR\0", 'scanner-error'],
    ['UNKNOWN COMMAND ERROR\0', 'scanner-error'],
    ['UNKNOWN COMMAND\0', 'bad-reply'],
    ['stream: ok\0', 'bad-reply'],
    ['stream: OK \0', 'bad-reply'],
    [' stream: OK\0', 'bad-reply'],
    ['stream: OK\n\0', 'bad-reply'],
    ['other: OK\0', 'bad-reply'],
    ['OK\0', 'bad-reply'],
    ['\0', 'bad-reply'],
    ['stream:  FOUND\0', 'bad-reply'],
    ['stream: a b FOUND\0', 'bad-reply'],
    ['stream: OK\0stream: OK\0', 'bad-reply'],
    ['stream: OK\0stream: Win.Test FOUND\0', 'bad-reply'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n\0', 'bad-reply'],
    ['stream: Heuristics.Limits.Exceeded FOUND\0', 'over-limits'],
    ['INSTREAM size limit exceeded. ERROR\0', 'too-large'],
  ])('%j is %s', async (text, reason) => {
    expect(await afterAnswer(text)).toMatchObject({ result: 'error', reason })
  })

  test('an answer that is too long for one is none, however it ends', async () => {
    for (const text of [`stream: ${'x'.repeat(5000)} FOUND\0`, `${'x'.repeat(100_000)}stream: OK\0`])
      expect(await afterAnswer(text)).toMatchObject({ result: 'error', reason: 'bad-reply' })
  })

  test.each(['', 'stream: OK', 'stream: O', 'stream: OK\n', 'COMMAND READ TIMED OUT\n'])(
    'half an answer, %j, is none',
    async text => {
      await expect(afterAnswer(text)).rejects.toMatchObject({ name: 'ScannerUnavailable' })
    },
  )

  test.each(['stream: OK\0', 'stream: Win.Test FOUND\0'])('%j ahead of the end is no verdict', async text => {
    answer = socket => void socket.end(text)
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(MIB)
      })(),
    )
    const verdict = await client(url).scan({ size: 1e9, open: async () => endless }, unaborted)
    expect(verdict).toMatchObject({ result: 'error', reason: 'bad-reply' })
    expect(endless.destroyed).toBe(true)
  })

  test.each([
    ['INSTREAM size limit exceeded. ERROR\0', { result: 'error', reason: 'too-large' }],
    ['stream: OK\0', null],
    ['', null],
  ] as const)('that closes in the middle is asked by the size alone: %j', async (text, verdict) => {
    const size = 8 * MIB
    let connections = 0
    answer = (socket, sent) => {
      // In the middle of the first piece, as clamd does it; what it had said is lost.
      if (sent.length > 100) socket.resetAndDestroy()
      if (sent.length !== 'zINSTREAM\0'.length + 4) return
      expect(sent.readUInt32BE(sent.length - 4)).toBe(size)
      connections++
      socket.end(text)
    }
    const scanned = client(url).scan(
      content(...Array.from({ length: 8 }, () => Buffer.alloc(MIB))),
      unaborted,
    )
    if (verdict) expect(await scanned).toMatchObject(verdict)
    else await expect(scanned).rejects.toMatchObject({ name: 'ScannerUnavailable' })
    expect(connections).toBe(1)
  })

  test('that takes nothing, or says nothing, is given up, and its connection closed', async () => {
    answer = socket => void socket.pause()
    const large = content(...Array.from({ length: 64 }, () => Buffer.alloc(MIB)))
    await expect(client(url, { silenceMs: 100 }).scan(large, unaborted)).rejects.toThrow(
      /does not answer: no answer within 100 ms/,
    )
    expect(large.seen.read).toBeLessThan(64)
    answer = () => undefined
    await expect(scan(client(url, { limitMs: 100 }), Buffer.from('x'))).rejects.toThrow(
      'no verdict within 0.1 s',
    )
    for (const socket of sockets) await once(socket.resume(), 'close')
  })

  test('whoever asks may end it at any time', async () => {
    const { signal, abort } = abortable()
    answer = (_, sent) => void (isWhole(sent) && abort(new Error('shutting down')))
    await expect(client(url).scan(content(Buffer.from('x')), signal)).rejects.toThrow('shutting down')
    const before = abortable()
    before.abort(new Error('not even begun'))
    await expect(client(url).scan(content(Buffer.from('x')), before.signal)).rejects.toThrow('not even begun')
  })

  function abortable() {
    const controller = new AbortController()
    return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) }
  }
})

test('the address of a scanner is a socket or a port, and nothing else', () => {
  const { parse } = scanConfig.CLAMAV_URL
  expect(parse('unix:/run/clamav/clamd.ctl')).toEqual({ value: { path: '/run/clamav/clamd.ctl' } })
  expect(parse('tcp://clamav:3310')).toEqual({ value: { host: 'clamav', port: 3310 } })
  expect(parse('tcp://[::1]:3310')).toEqual({ value: { host: '::1', port: 3310 } })
  for (const wrong of [
    'clamav:3310',
    'tcp://clamav',
    'tcp://clamav:0',
    'tcp://clamav:70000',
    'tcp://user:secret@clamav:3310',
    'tcp://clamav:3310/x',
    'unix:run/clamd',
    'unix:',
    'http://clamav:3310',
  ])
    expect(parse(wrong)).toEqual({ allowed: expect.stringContaining('tcp://host:port') })
})
