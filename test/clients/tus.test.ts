import { Readable } from 'node:stream'
import { DefaultHttpStack, Upload } from 'tus-js-client'
import { bytesOf, makeSpecimen } from '../faults/specimen.ts'
import { type Node, Nodes } from '../support/nodes.ts'
import { checksum, TusByHand } from '../support/tus.ts'
import { credentialDoor, MB, SpecimenFile, ticketDoor, transfer, urlStorage } from './tus-site.ts'

const LARGE_MB = 300

// tus-js-client, as its users have it, at two gateways of one installation.

let nodes: Nodes
let one: Node
let two: Node
let file: SpecimenFile
beforeAll(async () => {
  nodes = await Nodes.open()
  one = await nodes.start('one')
  two = await nodes.start('two')
  file = await SpecimenFile.write(1, 20 * MB)
}, 120_000)
afterAll(async () => {
  await file[Symbol.asyncDispose]()
  await nodes[Symbol.asyncDispose]()
})

/** Sends each request to the other gateway than the one before. */
class Alternating extends DefaultHttpStack {
  readonly seen = new Set<string>()
  #count = 0

  override createRequest(method: string, url: string) {
    const { origin } = this.#count++ % 2 ? one : two
    if (method === 'PATCH') this.seen.add(origin)
    return super.createRequest(method, origin + url.slice(new URL(url).origin.length))
  }
}

test(`${LARGE_MB} MB in four parts at once survive a pause and a gateway that is killed`, async () => {
  await using large = await SpecimenFile.write(2, LARGE_MB * MB)
  const door = await credentialDoor(one.origin)
  const options = { parallelUploads: 4, urlStorage: urlStorage(), fingerprint: async () => 'large' }
  const paused = transfer(large.open(), door, options)
  paused.upload.start()
  await Promise.all([paused.sent((LARGE_MB * MB) / 5), options.urlStorage.known])
  await paused.upload.abort()

  const resumed = transfer(large.open(), door, options)
  const [previous] = await resumed.upload.findPreviousUploads()
  expect(previous?.parallelUploadUrls).toHaveLength(4)
  if (previous) resumed.upload.resumeFromPreviousUpload(previous)
  resumed.upload.start()
  await resumed.sent((LARGE_MB * MB) / 2)
  await nodes.kill(one)
  one = await nodes.restart(one)
  expect(await door.sha256(await resumed.done)).toBe(large.specimen.sha256)
}, 300_000)

describe.each([
  ['a credential', credentialDoor],
  ['a ticket', ticketDoor],
])('with %s', (_, doorOf) => {
  test('an upload goes on where it was paused', async () => {
    const door = await doorOf(one.origin)
    const options = { chunkSize: 4 * MB, urlStorage: urlStorage(), fingerprint: async () => 'paused' }
    const paused = transfer(file.open(), door, options)
    paused.upload.start()
    await paused.sent(9 * MB)
    await paused.upload.abort()
    const resumed = transfer(file.open(), door, options)
    const [previous] = await resumed.upload.findPreviousUploads()
    expect(previous?.uploadUrl).toBe(paused.upload.url)
    if (previous) resumed.upload.resumeFromPreviousUpload(previous)
    resumed.upload.start()
    expect(await door.sha256(await resumed.done)).toBe(file.specimen.sha256)
    expect(resumed.upload.url).toBe(paused.upload.url)
  })

  test('each request may go to another gateway', async () => {
    const door = await doorOf(one.origin)
    const httpStack = new Alternating({})
    const { upload, done } = transfer(file.open(), door, { chunkSize: 2 * MB, httpStack })
    upload.start()
    expect(await door.sha256(await done)).toBe(file.specimen.sha256)
    expect(httpStack.seen.size).toBe(2)
  })

  test('a file in parts at once is put together', async () => {
    const door = await doorOf(one.origin)
    const { upload, done } = transfer(file.open(), door, {
      parallelUploads: 3,
      httpStack: new Alternating({}),
    })
    upload.start()
    expect(await door.sha256(await done)).toBe(file.specimen.sha256)
  })

  test('a stream whose length nobody knows comes whole', async () => {
    const door = await doorOf(one.origin)
    const specimen = makeSpecimen(3, 5 * MB + 7)
    const stream = Readable.from(bytesOf(specimen), { objectMode: false }) as unknown as Upload['file']
    const { upload, done } = transfer(stream, door, { uploadLengthDeferred: true, chunkSize: MB })
    upload.start()
    expect(await door.sha256(await done)).toBe(specimen.sha256)
  })

  test('bytes with a wrong checksum in the middle of an upload change nothing', async () => {
    const door = await doorOf(one.origin)
    // By hand up to here: a request that a client gives up may still be carried out when the next one has come.
    const byHand = new TusByHand(door.endpoint, door.headers.authorization ?? null)
    const url = await byHand.create(file.specimen.size)
    const before = 9 * MB
    const start = Buffer.concat([...bytesOf(file.specimen)]).subarray(0, before)
    expect((await byHand.patch(url, 0, { body: start })).status).toBe(204)
    const headers = { 'upload-checksum': checksum('sha1', 'other bytes') }
    expect(await byHand.patch(url, before, { body: 'some bytes', headers })).toMatchObject({ status: 460 })
    expect(await byHand.offsetOf(url)).toBe(before)
    const resumed = transfer(file.open(), door, { uploadUrl: url })
    resumed.upload.start()
    expect(await door.sha256(await resumed.done)).toBe(file.specimen.sha256)
  })

  test('an upload that is given up is gone', async () => {
    const door = await doorOf(one.origin)
    const { upload, sent } = transfer(file.open(), door, { chunkSize: 4 * MB })
    upload.start()
    await sent(5 * MB)
    await upload.abort()
    const url = upload.url ?? ''
    await Upload.terminate(url, { headers: door.headers })
    const byHand = new TusByHand(door.endpoint, door.headers.authorization ?? null)
    expect((await byHand.head(url)).status).toBe(410)
  })
})

test('an upload that has expired is begun anew by the client', async () => {
  const short = await nodes.start('short', { UPLOAD_EXPIRES_SECONDS: '2' })
  const door = await credentialDoor(short.origin)
  const paused = transfer(file.open(), door, { chunkSize: MB })
  paused.upload.start()
  await paused.sent(2 * MB)
  await paused.upload.abort()
  const url = paused.upload.url ?? ''
  const byHand = new TusByHand(door.endpoint, door.headers.authorization ?? null)
  while ((await byHand.head(url)).status !== 410);
  // A node that gives more time takes the new one.
  const elsewhere = await credentialDoor(one.origin)
  const begun = transfer(file.open(), elsewhere, { uploadUrl: url.replace(short.origin, one.origin) })
  begun.upload.start()
  expect(await elsewhere.sha256(await begun.done)).toBe(file.specimen.sha256)
  expect(begun.upload.url).not.toBe(url.replace(short.origin, one.origin))
})
