import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { GetObjectCommand, ListPartsCommand, S3Client } from '@aws-sdk/client-s3'
import { endSilence } from '../../src/platform/storage/drivers/s3-silence.ts'

// A server of the wire alone: what is tested here is a store that does not go on.

const SILENCE_MS = 300
let server: Server
let client: S3Client
let answer: (outgoing: ServerResponse) => void

beforeAll(async () => {
  server = createServer((_, outgoing) => answer(outgoing)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  })
  endSilence(client, SILENCE_MS)
})
afterAll(async () => {
  client.destroy()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const read = async () =>
  (await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }))).Body as Readable

test('a body that does not go on breaks off', async () => {
  answer = outgoing => void outgoing.writeHead(200, { 'content-length': 10 }).write('half ')
  await expect(text(await read())).rejects.toThrow('has said nothing')
})

test('so does an answer that the SDK reads by itself', async () => {
  answer = outgoing => void outgoing.writeHead(200, { 'content-type': 'application/xml' }).write('<List')
  const listed = client.send(new ListPartsCommand({ Bucket: 'bucket', Key: 'key', UploadId: '1' }))
  await expect(listed).rejects.toThrow('has said nothing')
})

test('a reader that takes longer has all the bytes, and the connection goes on to the next', async () => {
  answer = outgoing => void outgoing.end(Buffer.alloc(4_000_000, 'x'))
  for (let i = 0; i < 2; i++) {
    const body = await read()
    await once(body, 'readable')
    await delay(4 * SILENCE_MS)
    expect((await text(body)).length).toBe(4_000_000)
  }
})
