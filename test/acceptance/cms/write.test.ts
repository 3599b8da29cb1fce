import { failingDriver, StoreFaults } from '../../faults/store/failing-driver.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { fixture } from '../../support/fixtures.ts'
import { isPurged } from '../../support/permanent-deletions.ts'
import { closeDocumented } from '../documented.ts'
import { promises } from '../harness.ts'
import { type Answer, CmsClient, clientOf } from './client.ts'
import { PROMISES } from './promises.ts'

const keeps = promises(PROMISES)
const MIB = 2 ** 20

const faults = new StoreFaults()
let gateway: TestApp
let client: CmsClient
beforeAll(async () => {
  gateway = await startApp({}, { wrapStore: driver => failingDriver(driver, faults) })
  client = await clientOf(gateway)
})
afterAll(() => closeDocumented(gateway, 'cms'))

const total = async () => (await client.list()).body.meta.total

/** What is answered, and that nothing is kept. */
async function refused(upload: () => Promise<Answer>): Promise<[number, unknown]> {
  const [before, stored] = [await total(), (await gateway.storedNames()).length]
  const { status, body } = await upload()
  expect(await total()).toBe(before)
  expect((await gateway.storedNames()).length).toBe(stored)
  return [status, body]
}

const accepted = async (file: string, name = file, type = fixture(file).mimeType ?? '') => {
  const { status, body } = await client.upload({ bytes: fixture(file).bytes(), name, type })
  return [status, body.type, body.mime_type]
}

keeps('CMS-UPLOAD-01', async () => {
  const made = await client.upload({
    bytes: fixture('photo.png').bytes(),
    name: 'photo.png',
    type: 'image/png',
  })
  expect(made.status).toBe(201)
  expect((await client.get(made.body.id)).body).toEqual(made.body)
  expect((await client.list('?page_size=1')).body.data).toEqual([made.body])
})

keeps('CMS-UPLOAD-02', async () => {
  const reader = await clientOf(gateway, { scopes: ['media:read', 'media:delete'] })
  const answer = await refused(() => reader.upload({ bytes: fixture('photo.png').bytes() }))
  expect(answer).toEqual([403, { error: 'Insufficient scope' }])
})

keeps('CMS-UPLOAD-03', async () => {
  for (const name of ['photo.jpg', 'photo.jpeg'])
    expect(await accepted('photo-orientation-5-tiny.jpg', name)).toEqual([201, 'image', 'image/jpeg'])
})

keeps('CMS-UPLOAD-04', async () => {
  expect(await accepted('photo.png')).toEqual([201, 'image', 'image/png'])
})

keeps('CMS-UPLOAD-05', async () => {
  expect(await accepted('animated.gif')).toEqual([201, 'image', 'image/gif'])
})

keeps('CMS-UPLOAD-06', async () => {
  expect(await accepted('document-13-pages.pdf')).toEqual([201, 'file', 'application/pdf'])
})

keeps('CMS-UPLOAD-07', async () => {
  for (const file of ['document.doc', 'document.docx'])
    expect((await accepted(file, file, 'application/msword')).slice(0, 2)).toEqual([201, 'file'])
})

keeps('CMS-UPLOAD-08', async () => {
  for (const file of ['sheet.xls', 'sheet.xlsx'])
    expect((await accepted(file, file, 'application/vnd.ms-excel')).slice(0, 2)).toEqual([201, 'file'])
})

keeps('CMS-UPLOAD-09', async () => {
  expect(await accepted('video.mp4')).toEqual([201, 'video', 'video/mp4'])
})

keeps('CMS-UPLOAD-10', async () => {
  expect(await accepted('audio.mp3')).toEqual([201, 'audio', 'audio/mpeg'])
})

const OTHERS = [
  { name: 'notes.txt', bytes: Buffer.from('only text') },
  { name: 'page.html', bytes: Buffer.from('<!doctype html><html><script>1</script></html>') },
  { name: 'archive.zip', bytes: Buffer.from('504b0506000000000000000000000000000000000000', 'hex') },
  { name: 'photo.webp', bytes: fixture('photo.webp').bytes() },
  { name: 'vector.svg', bytes: fixture('vector.svg').bytes() },
  { name: 'sound.wav', bytes: fixture('audio.wav').bytes() },
]

keeps('CMS-UPLOAD-11', async () => {
  for (const file of OTHERS)
    expect([file.name, ...(await refused(() => client.upload(file)))]).toEqual([
      file.name,
      400,
      { error: 'Invalid file type' },
    ])
})

/** A file made as long as is wanted by what its format passes over. */
const LONG = {
  image: (size: number) => padded(fixture('photo.png').bytes(), size),
  document: (size: number) => padded(Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\n'), size),
  sound: (size: number) => padded(fixture('audio.mp3').bytes(), size),
  film: (size: number) => padded(fixture('video.mp4').bytes(), size),
}

function padded(bytes: Buffer, size: number): Buffer {
  const whole = Buffer.alloc(size, 0x20)
  bytes.copy(whole)
  return whole
}

async function limit(make: (size: number) => Buffer, mib: number): Promise<void> {
  const name = 'large.bin'
  const within = await client.upload({ name, bytes: make(mib * MIB) })
  expect([within.status, within.body.size]).toEqual([201, mib * MIB])
  const beyond = await refused(() => client.upload({ name, bytes: make(mib * MIB + 1) }))
  expect(beyond).toEqual([413, { error: 'File size too large' }])
}

keeps('CMS-LIMIT-01', () => limit(LONG.image, 10))
keeps('CMS-LIMIT-02', () => limit(LONG.document, 20))
keeps('CMS-LIMIT-03', () => limit(LONG.film, 100))
keeps('CMS-LIMIT-04', () => limit(LONG.sound, 50))

keeps('CMS-DELETE-01', async () => {
  const { id } = await client.uploaded('photo.png')
  const gone = await client.delete(id)
  expect([gone.status, gone.text]).toEqual([204, ''])
  const other = await client.uploaded('photo.png')
  expect((await client.ask('DELETE', `/api/media/${other.id}`, '')).status).toBe(204)
})

keeps('CMS-DELETE-02', async () => {
  const { id } = await client.uploaded('photo.png')
  const reader = await clientOf(gateway, { scopes: ['media:read', 'media:create'] })
  expect((await reader.delete(id)).status).toBe(403)
  expect((await client.get(id)).status).toBe(200)
})

keeps('CMS-DELETE-03', async () => {
  const { id, url } = await client.uploaded('photo.png')
  await client.delete(id)
  expect((await client.get(id)).status).toBe(404)
  expect((await client.delete(id)).status).toBe(404)
  expect(await client.all()).not.toContain(id)
  expect((await fetch(url)).status).toBe(404)
  await isPurged(gateway, id)
})

keeps('CMS-ERROR-01', async () => {
  const noFile = { error: 'No file uploaded' }
  const bytes = fixture('photo.png').bytes()
  const attempts = {
    'an empty form': () => client.ask('POST', '/api/media', new FormData()),
    'a text in its place': () => {
      const form = new FormData()
      form.append('file', 'a text')
      return client.ask('POST', '/api/media', form)
    },
    'no body': () => client.ask('POST', '/api/media'),
    'no form': () => client.ask('POST', '/api/media', bytes as Uint8Array<ArrayBuffer>),
    'another field': () => client.upload({ bytes }, 'files'),
  }
  for (const [what, attempt] of Object.entries(attempts))
    expect([what, ...(await refused(attempt))]).toEqual([what, 400, noFile])
})

keeps('CMS-ERROR-02', async () => {
  for (const type of ['text/plain', 'image/png']) {
    const answer = await refused(() =>
      client.upload({ bytes: Buffer.from('only text'), name: 'a.png', type }),
    )
    expect(answer).toEqual([400, { error: 'Invalid file type' }])
  }
})

keeps('CMS-ERROR-03', async () => {
  for (const authorization of [null, 'Token abc', 'Bearer mgw_nobody_nothing', 'Bearer ', 'Bearer abc']) {
    const { status, body, headers } = await new CmsClient(gateway.url, authorization).list()
    expect([authorization, status, body]).toEqual([
      authorization,
      401,
      { error: 'Missing or invalid API token' },
    ])
    expect(headers.get('www-authenticate')).toMatch(/Bearer/)
  }
})

keeps('CMS-ERROR-04', async () => {
  const { id } = await client.uploaded('photo.png')
  const none = await clientOf(gateway, { scopes: ['media:share'] })
  const answers = [
    await none.list(),
    await none.get(id),
    await none.upload({ bytes: fixture('photo.png').bytes() }),
    await none.delete(id),
  ]
  for (const { status, body } of answers)
    expect([status, body]).toEqual([403, { error: 'Insufficient scope' }])
})

keeps('CMS-ERROR-05', async () => {
  for (const id of ['01890000-0000-7000-8000-000000000000', 'no-uuid', '7', '%00']) {
    for (const answer of [await client.get(id), await client.delete(id)])
      expect([id, answer.status, answer.body]).toEqual([id, 404, { error: 'Media not found' }])
  }
})

keeps('CMS-ERROR-06', async () => {
  const before = await total()
  faults.plan({ at: 1, way: 'from then on' })
  const answer = await client.upload({ bytes: fixture('photo.png').bytes() })
  faults.plan(null)
  await gateway.app.foundation.storage.check('default')
  expect([answer.status, answer.body]).toEqual([500, { error: 'Failed to upload file' }])
  expect(await total()).toBe(before)
})

keeps('CMS-ERROR-07', async () => {
  const { database } = gateway.app.foundation
  await database.query(`CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the disk of the database is full' USING ERRCODE = 'disk_full'; END $$`)
  await database.query(
    `CREATE TRIGGER no_more BEFORE INSERT ON media FOR EACH ROW EXECUTE FUNCTION no_more()`,
  )
  try {
    const answer = await refused(() => client.upload({ bytes: fixture('photo.png').bytes() }))
    expect(answer).toEqual([500, { error: 'Failed to create media record' }])
  } finally {
    await database.query(`DROP TRIGGER no_more ON media`)
    await database.query(`DROP FUNCTION no_more`)
  }
  expect((await client.upload({ bytes: fixture('photo.png').bytes() })).status).toBe(201)
})
