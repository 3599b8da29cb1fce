import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type Duplex, PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gatheredBody } from '../../src/entrances/graphql/gathered-body.ts'

const closed = (stream: Duplex) => new Promise<void>(resolve => stream.once('close', resolve))

/** A request, as far as its body and headers go. */
const request = () => Object.assign(new PassThrough(), { headers: { 'x-test': '1' } })
const gathered = (body: PassThrough) => gatheredBody(body as unknown as IncomingMessage)

test('all bytes come through in their order, in fewer pieces while the reader is busy', async () => {
  const body = request()
  const pieces: Buffer[] = []
  const slow = new Writable({
    highWaterMark: 1,
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece)
      setImmediate(done)
    },
  })
  const reading = pipeline(gathered(body), slow)
  const sent: Buffer[] = []
  for (let i = 0; i < 1_000; i++) {
    const piece = Buffer.alloc(1 + (i % 5_000), i)
    // A copy, because what is gathered is used up.
    sent.push(Buffer.from(piece))
    if (!body.write(piece)) await once(body, 'drain')
  }
  body.end()
  await reading
  expect(Buffer.concat(pieces).equals(Buffer.concat(sent))).toBe(true)
  expect(pieces.length).toBeLessThan(sent.length / 2)
})

test('a reader that waits gets what has come at once', async () => {
  const body = request()
  const stream = gathered(body)
  body.write('first')
  const [piece] = await once(stream, 'data')
  expect(String(piece)).toBe('first')
  body.destroy()
  await closed(stream)
})

test('a body that breaks off closes without an end', async () => {
  const body = request()
  const stream = gathered(body)
  stream.resume()
  body.write('first')
  body.destroy()
  await closed(stream)
  expect(stream.readableEnded).toBe(false)
})

test('an empty body ends', async () => {
  const body = request()
  const stream = gathered(body)
  body.end()
  stream.resume()
  await once(stream, 'end')
})

test('no more than a megabyte and a piece waits for a reader that does not read', async () => {
  const body = request()
  const stream = gathered(body)
  const piece = Buffer.alloc(64 * 1024)
  let accepted = 0
  while (body.write(piece)) {
    accepted += piece.length
    await new Promise(resolve => setImmediate(resolve))
    if (accepted > 2 ** 24) break
  }
  expect(accepted).toBeLessThan(2 ** 21)
  stream.destroy()
})
