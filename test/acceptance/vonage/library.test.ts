import http from 'node:http'
import { ADMIN } from '../../support/app.ts'
import { projectFile } from '../../support/project-file.ts'
import { TusByHand } from '../../support/tus.ts'
import { newClient, oldClient } from '../../support/vonage-clients.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { openSite, type Site } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.close())

keeps('VONAGE-OURS-18', async () => {
  const media = newClient(site.mine, site.gateway.url)
  const id = await site.upload({ info: { title: 'T', public: true, max_downloads_allowed: 9 } })
  const item = await media.getMediaItem(id)
  await media.updateMediaItem(item)
  const { timeLastUpdated: _, ...same } = item
  expect(await media.getMediaItem(id)).toMatchObject(same)
})

keeps('VONAGE-OURS-19', async () => {
  const id = await site.upload()
  await oldClient(site.mine, site.gateway.url)('delete', id)
  expect((await site.ask(`GET /v3/media/${id}/info`)).status).toBe(404)
})

const TEXT = 'what came in elsewhere'

/** An item by each of the other doors. */
const DOORS: Readonly<Record<string, () => Promise<string>>> = {
  async cms() {
    const body = new FormData()
    body.append('file', new Blob(['%PDF-1.4\n%%EOF\n']), 'elsewhere.pdf')
    return (await site.json('POST /api/media', { body }, 201)).id
  },
  async bandwidth() {
    const body = 'by name'
    const { status } = await site.ask('PUT /api/v2/users/acme/media/elsewhere.txt', { body })
    expect(status).toBe(204)
    return (await site.gateway.query(`{ mediaByName(name: "elsewhere.txt") { id } }`)).mediaByName.id
  },
  graphql: async () =>
    (await site.gateway.upload({ bytes: Buffer.from(TEXT), fileName: 'elsewhere.txt' })).media.id,
  async tus() {
    const tus = new TusByHand(`${site.gateway.url}/uploads`, ADMIN)
    const bytes = Buffer.from(TEXT)
    const url = await tus.create(bytes.length)
    return (await tus.patch(url, 0, { body: bytes })).headers['media-id'] ?? ''
  },
}

keeps('VONAGE-OURS-21', async () => {
  for (const [door, bring] of Object.entries(DOORS)) {
    const id = await bring()
    const [listed] = (await site.json('GET /v3/media?page_size=1'))._embedded.media
    expect([door, listed.id]).toEqual([door, id])
    expect(await site.info(id)).toEqual(listed)
    const content = await site.ask(`GET /v3/media/${id}`)
    expect([door, content.status]).toEqual([door, 200])
    expect((await content.arrayBuffer()).byteLength).toBe(listed.media_size)
  }
})

keeps('VONAGE-OURS-22', async () => {
  const id = await site.upload()
  const fields =
    'name altText tags metadata geolocation { latitude longitude } conversationId groupIds sourceType cacheControl expiresAt'
  const input = `id: "${id}", name: "n", altText: "a", tags: ["t"], metadata: { a: 1 }, geolocation: { latitude: 1, longitude: 2 },
    conversationId: "c", groupIds: ["g"], sourceType: "recording", cacheControl: "max-age=60", expiresAt: "2999-01-01T00:00:00Z"`
  const { updateMedia } = await site.gateway.query(
    `mutation { updateMedia(input: { ${input} }) { media { ${fields} } userErrors { message } } }`,
  )
  expect(updateMedia.userErrors).toEqual([])
  await site.change(id, { title: 'T', public: true, metadata_primary: 'p', mime_type: 'audio/wav' })
  const { media } = await site.gateway.query(`{ media(id: "${id}") { ${fields} } }`)
  expect(media).toEqual(updateMedia.media)
})

keeps('VONAGE-OURS-23', async () => {
  const off = await site.gateway.beside({ FACADES: 'cms' })
  const id = await site.upload()
  const headers = { authorization: site.mine.basic }
  for (const line of ['GET /v3/media', 'POST /v3/media', `GET /v3/media/${id}`, `GET /v3/media/${id}/info`]) {
    const [method, path] = line.split(' ')
    expect((await fetch(off.url + path, { method, headers })).status).toBe(404)
  }
  expect((await fetch(`${off.url}/api/media`, { headers })).status).toBe(200)
  await off.close()
})

/** Asks as for another host, which fetch does not let anybody. */
async function askAt(url: string, host: string): Promise<{ status?: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const headers = { host, authorization: site.mine.basic }
  http.get(url, { headers }, resolve).on('error', reject)
  const answer = await promise
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return { status: answer.statusCode, text: Buffer.concat(chunks).toString() }
}

keeps('VONAGE-OURS-24', async () => {
  const headers = { authorization: site.mine.basic }
  const below = await site.gateway.beside({ FACADES: 'vonage/old/place' })
  expect((await fetch(`${below.url}/v3/media`, { headers })).status).toBe(404)
  const body = new FormData()
  body.append('filedata', new Blob(['x']), 'x')
  const made = await fetch(`${below.url}/old/place/v3/media`, { method: 'POST', headers, body })
  expect(made.headers.get('location')).toMatch(/\/old\/place\/v3\/media\/[\da-f-]{36}\/info$/)
  const { _links } = await (await fetch(`${below.url}/old/place/v3/media`, { headers })).json()
  expect(_links.first.href).toMatch(/^\/old\/place\/v3\/media\?/)
  expect((await fetch(below.url + _links.first.href, { headers })).status).toBe(200)
  await below.close()

  const there = await site.gateway.beside({ FACADES: 'vonage@media.example.org' })
  const list = `${there.url}/v3/media`
  expect((await askAt(list, 'media.example.org')).status).toBe(200)
  expect((await askAt(list, 'elsewhere.example.org')).status).toBe(404)
  await there.close()
})

keeps('VONAGE-OURS-25', async () => {
  const page = await projectFile('docs/moving-from-vonage.md')
  for (const part of ['Base URL', 'Credentials', 'What is the same', 'What is better', 'What differs'])
    expect(page).toMatch(new RegExp(`^## .*${part}`, 'im'))
})
