import { existsSync, readFileSync } from 'node:fs'
import { ADMIN, startApp, type TestApp } from '../../support/app.ts'
import { fixture } from '../../support/fixtures.ts'
import { processed, startPipeline } from '../../support/processing.ts'
import {
  closeDocumented,
  type Document,
  documentedAnswers,
  documentedRoutes,
  documentOf,
  servedRoutes,
} from '../documented.ts'
import { promises } from '../harness.ts'
import { cameBy, type Library, startLibrary } from '../one-library.ts'
import { CmsClient, clientOf } from './client.ts'
import { PROMISES } from './promises.ts'

const keeps = promises(PROMISES)

let gateway: TestApp
let client: CmsClient
beforeAll(async () => {
  gateway = await startApp()
  client = await clientOf(gateway)
})
afterAll(() => closeDocumented(gateway, 'cms'))

const png = () => fixture('photo.png').bytes() as Buffer<ArrayBuffer>
const namesIn = ({ body }: { body: { data: { name: string }[] } }) => body.data.map(({ name }) => name)

keeps('CMS-BOTH-01', async () => {
  const { app } = gateway
  const ended = await app.keys.create({ accountId: 'acme', scopes: ['media:read'] })
  await app.foundation.database.query(
    `UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = $1`,
    [ended.key.id],
  )
  const revoked = await app.keys.create({ accountId: 'acme', scopes: ['media:read'] })
  await app.keys.revoke(revoked.key.id, { force: true })
  const headers = {
    'no header': null,
    'another form': 'Basic !',
    unknown: 'Bearer mgw_nobody_nothing',
    expired: `Bearer mgw_${ended.key.id}_${ended.secret}`,
    inactive: `Bearer mgw_${revoked.key.id}_${revoked.secret}`,
  }
  for (const [what, header] of Object.entries(headers)) {
    const { status, body } = await new CmsClient(gateway.url, header).list()
    expect([what, status, body]).toEqual([what, 401, { error: 'Missing or invalid API token' }])
  }
  const creator = await clientOf(gateway, { scopes: ['media:create'] })
  expect((await creator.list()).body).toEqual({ error: 'Insufficient scope' })
})

keeps('CMS-BOTH-02', async () => {
  const sound = await client.upload({ bytes: fixture('audio.mp3').bytes(), name: 'a.mp3' })
  // Before anything has looked at it.
  expect(sound.body).toMatchObject({ width: null, height: null, duration: null })
  const picture = await client.upload({ bytes: png(), name: 'a.png' })
  expect(picture.body.duration).toBeNull()
  expect(picture.text).toContain('"duration":null')
})

keeps('CMS-BOTH-03', async () => {
  const ooxml = 'application/vnd.openxmlformats-officedocument'
  for (const [file, types] of Object.entries({
    'document.docx': ['application/msword', `${ooxml}.wordprocessingml.document`],
    'sheet.xlsx': ['application/vnd.ms-excel', `${ooxml}.spreadsheetml.sheet`],
  })) {
    for (const type of types) {
      const { status, body } = await client.upload({ bytes: fixture(file).bytes(), name: file, type })
      expect([file, type, status, body.type]).toEqual([file, type, 201, 'file'])
    }
  }
})

keeps('CMS-OURS-01', async () => {
  const ids = [
    await client.uploaded('photo.png'),
    await client.uploaded('video.mp4'),
    await client.uploaded('audio.mp3'),
  ]
  const pipeline = await startPipeline(gateway)
  await processed(
    gateway,
    ids.map(({ id }) => id),
  )
  await pipeline.stop()
  const [picture, film, sound] = await Promise.all(ids.map(async ({ id }) => (await client.get(id)).body))
  const { width, height } = fixture('photo.png')
  expect(picture).toMatchObject({ width, height, duration: null })
  const video = fixture('video.mp4')
  expect(film).toMatchObject({
    width: video.displayWidth ?? video.width,
    height: video.displayHeight ?? video.height,
    duration: Math.round(video.duration ?? 0),
  })
  expect(sound).toMatchObject({ width: null, duration: Math.round(fixture('audio.mp3').duration ?? 0) })
})

keeps('CMS-OURS-02', async () => {
  const own = await clientOf(gateway, { accountId: 'literal' })
  for (const name of ['100%.png', 'a_b.png', 'a\\b.png', 'axb.png', '1000.png'])
    expect((await own.upload({ bytes: png(), name })).status).toBe(201)
  expect(namesIn(await own.list('?search=%25'))).toEqual(['100%.png'])
  expect(namesIn(await own.list('?search=_'))).toEqual(['a_b.png'])
  // What stands behind the last separator of folders is the name.
  expect(namesIn(await own.list('?search=%5C'))).toEqual([])
  expect(namesIn(await own.list('?search=a_b'))).toEqual(['a_b.png'])
})

keeps('CMS-OURS-03', async () => {
  const { meta } = (await client.list('?page=-3&page_size=0')).body
  expect(meta).toMatchObject({ page: 1, page_size: 10 })
  expect((await client.list('?page=0&page_size=-1')).body.meta).toEqual(meta)
})

keeps('CMS-OURS-04', async () => {
  for (const query of [
    'page=x',
    'page=1.5',
    'page_size=ten',
    'page_size=1e3',
    'type=picture',
    'type=Image',
    'search=%00',
    `search=${'x'.repeat(600)}`,
  ]) {
    const { status, body } = await client.list(`?${query}`)
    const [name] = query.split('=')
    expect([query, status, body]).toEqual([query, 400, { error: expect.stringMatching(`^${name} is `) }])
  }
})

keeps('CMS-OURS-05', async () => {
  for (const type of ['application/octet-stream', '']) {
    const { status, body } = await client.upload({ bytes: png(), name: 'noname', type })
    expect([status, body.type, body.mime_type]).toEqual([201, 'image', 'image/png'])
  }
})

keeps('CMS-OURS-06', async () => {
  expect((await client.ask('GET', '/api/media/?page_size=1')).body).toEqual(
    (await client.list('?page_size=1')).body,
  )
  const form = new FormData()
  form.append('file', new Blob([png()]), 'slash.png')
  expect((await client.ask('POST', '/api/media/', form)).status).toBe(201)
})

keeps('CMS-OURS-07', async () => {
  const own = await clientOf(gateway, { accountId: 'ordered' })
  const ids: string[] = []
  for (let n = 0; n < 7; n++) ids.unshift((await own.uploaded('photo.png')).id)
  expect(await own.all('', 3)).toEqual(ids)
  expect(await own.all('', 100)).toEqual(ids)
})

keeps('CMS-OURS-08', async () => {
  const { status, body } = await client.list('?page=1000000000')
  expect([status, body.data, body.meta.page]).toEqual([200, [], 1_000_000_000])
})

keeps('CMS-OURS-09', async () => {
  const form = new FormData()
  form.append('file', new Blob([png()]), 'a.png')
  form.append('file', new Blob([png()]), 'b.png')
  const before = (await client.list()).body.meta.total
  const { status, body } = await client.ask('POST', '/api/media', form)
  expect([status, body]).toEqual([400, { error: expect.any(String) }])
  expect((await client.list()).body.meta.total).toBe(before)
})

keeps('CMS-OURS-10', async () => {
  const foreign = await clientOf(gateway, { accountId: 'foreign' })
  const { id } = await client.uploaded('photo.png')
  const absent = '01890000-0000-7000-8000-000000000000'
  for (const method of ['GET', 'DELETE']) {
    const [one, other] = [
      await foreign.ask(method, `/api/media/${id}`),
      await foreign.ask(method, `/api/media/${absent}`),
    ]
    expect([one.status, one.text]).toEqual([404, other.text])
  }
  expect((await foreign.list()).body).toEqual({ data: [], meta: { total: 0, page: 1, page_size: 10 } })
  expect((await client.get(id)).status).toBe(200)
})

describe('one library', () => {
  let library: Library
  let own: CmsClient
  beforeAll(async () => {
    library = await startLibrary(gateway, ADMIN)
    own = new CmsClient(gateway.url, ADMIN)
  })

  keeps('CMS-OURS-11', async () => {
    const listed = await own.all()
    for (const { door, id, bytes, name } of library.items) {
      expect([door, listed.includes(id)]).toEqual([door, true])
      const { body } = await own.get(id)
      expect([door, body.name, body.size]).toEqual([door, name, bytes.length])
      const content = await fetch(body.url)
      expect([door, Buffer.from(await content.arrayBuffer()).equals(bytes)]).toEqual([door, true])
      if (door !== 'cms') expect([door, (await own.delete(id)).status]).toEqual([door, 204])
    }
  })

  keeps('CMS-OURS-12', async () => {
    await cameBy(library, 'cms').isSeenByAll()
  })
})

keeps('CMS-OURS-13', async () => {
  const document: Document = await documentOf(gateway, 'cms')
  expect(document.openapi).toBe('3.1.1')
  expect(documentedRoutes(document)).toEqual(await servedRoutes(gateway, '/api/media'))
  const check = documentedAnswers(document)
  const nobody = new CmsClient(gateway.url, null)
  const { id } = await client.uploaded('photo.png')
  const one = '/api/media/{id}'
  const all = '/api/media'
  const answers = [
    { method: 'GET', path: all, ...(await client.list()) },
    { method: 'GET', path: all, ...(await client.list('?page=x')) },
    { method: 'GET', path: all, ...(await nobody.list()) },
    { method: 'POST', path: all, ...(await client.upload({ bytes: png() })) },
    { method: 'POST', path: all, ...(await client.upload({ bytes: Buffer.from('text') })) },
    { method: 'GET', path: one, ...(await client.get(id)) },
    { method: 'GET', path: one, ...(await client.get('x')) },
    { method: 'DELETE', path: one, ...(await client.delete(id)) },
    { method: 'DELETE', path: one, ...(await client.delete(id)) },
  ]
  for (const answer of answers) expect([answer.status, check(answer)]).toEqual([answer.status, []])
  // A check that cannot fail shows nothing.
  expect(check({ method: 'GET', path: one, status: 200, body: { id } })).not.toEqual([])
})

/** Another node on the same library, with this configuration of facades. */
async function besides(FACADES: string, work: (url: string) => Promise<void>): Promise<void> {
  const node = await gateway.beside({ FACADES })
  try {
    await work(node.url)
  } finally {
    await node.close()
  }
}

keeps('CMS-OURS-14', () =>
  besides('vonage,bandwidth,apizee', async url => {
    const other = new CmsClient(url, ADMIN)
    const { id } = await client.uploaded('photo.png')
    const answers = [
      await other.list(),
      await other.get(id),
      await other.upload({ bytes: png() }),
      await other.delete(id),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect((await fetch(`${url}/openapi/cms.json`)).status).toBe(404)
    expect((await fetch(`${url}/v3/media`, { headers: { authorization: ADMIN } })).status).toBe(200)
  }),
)

keeps('CMS-OURS-15', async () => {
  await besides('cms/cms', async url => {
    const below = new CmsClient(`${url}/cms`, ADMIN)
    const made = await below.upload({ bytes: png() })
    expect([made.status, (await below.list()).status]).toEqual([201, 200])
    expect((await new CmsClient(url, ADMIN).list()).status).toBe(404)
  })
  await besides('cms@cms.example.org', async url => {
    expect((await new CmsClient(url, ADMIN).list()).status).toBe(404)
  })
})

keeps('CMS-OURS-16', () => {
  const page = new URL('../../../docs/moving-from-contentive.md', import.meta.url)
  expect(existsSync(page)).toBe(true)
  const text = readFileSync(page, 'utf8')
  for (const heading of ['Base URL', 'Credentials', 'What is the same', 'What is better', 'What differs'])
    expect([heading, text.includes(`## ${heading}`)]).toEqual([heading, true])
})
