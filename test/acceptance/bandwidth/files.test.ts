import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { startApp, type TestApp } from '../../support/app.ts'
import { fixture } from '../../support/fixtures.ts'
import { isPurged } from '../../support/permanent-deletions.ts'
import { closeDocumented } from '../documented.ts'
import { promises } from '../harness.ts'
import { BandwidthClient, basic, clientOf, tokenOf } from './client.ts'
import { PROMISES } from './promises.ts'

const keeps = promises(PROMISES)

let gateway: TestApp
let client: BandwidthClient
beforeAll(async () => {
  gateway = await startApp()
  client = await clientOf(gateway, '12345')
})
afterAll(() => closeDocumented(gateway, 'bandwidth'))

const SIXTY = 'sixty bytes of text, which is as many as the example sends. '
const photo = fixture('photo.png')

const graphql = () => gateway.as(tokenOf(client))
const idOf = async (name: string): Promise<string> =>
  (await graphql().query(`query($n: String!) { mediaByName(name: $n) { id } }`, { n: name })).mediaByName.id

keeps('BANDWIDTH-UPLOAD-01', async () => {
  expect((await client.put('round-trip', photo.bytes())).status).toBe(204)
  expect((await client.ask('GET', client.urlOf('round-trip'))).bytes).toEqual(photo.bytes())
})

keeps('BANDWIDTH-UPLOAD-02', async () => {
  const { status, bytes } = await client.put('file.mp3', SIXTY, {
    'content-type': 'text/plain',
    'content-length': '60',
  })
  expect([status, bytes.length]).toEqual([204, 0])
  expect((await client.get('file.mp3')).bytes.toString()).toBe(SIXTY)
})

keeps('BANDWIDTH-UPLOAD-03', async () => {
  for (const type of ['image/jpeg', 'audio/mpeg', 'application/x-of-my-own']) {
    await client.put('typed', photo.bytes(), { 'content-type': type })
    expect((await client.get('typed')).headers.get('content-type')).toBe(type)
  }
})

keeps('BANDWIDTH-UPLOAD-04', async () => {
  await client.put('cached', 'x', { 'cache-control': 'max-age=3600, must-revalidate' })
  // What is not public never leaves without `private`.
  expect((await client.get('cached')).headers.get('cache-control')).toBe(
    'private, max-age=3600, must-revalidate',
  )
})

keeps('BANDWIDTH-UPLOAD-05', async () => {
  await client.put('twice', 'first', { 'content-type': 'text/plain', 'cache-control': 'max-age=1' })
  const second = { 'content-type': 'image/png', 'cache-control': 'max-age=2' }
  expect((await client.put('twice', photo.bytes(), second)).status).toBe(204)
  const { bytes, headers } = await client.get('twice')
  expect(bytes).toEqual(photo.bytes())
  expect([headers.get('content-type'), headers.get('cache-control')]).toEqual([
    'image/png',
    'private, max-age=2',
  ])
})

keeps('BANDWIDTH-UPLOAD-06', async () => {
  await client.put('once', 'first')
  await client.put('once', 'the second')
  const listed = (await client.items()).filter(({ mediaName }) => mediaName === 'once')
  expect(listed.map(({ contentLength }) => contentLength)).toEqual([10])
})

keeps('BANDWIDTH-UPLOAD-07', async () => {
  const other = await clientOf(gateway, '67890')
  await other.put('of-both', 'theirs')
  await client.put('of-both', 'ours')
  await client.put('of-both', 'ours again')
  expect((await other.get('of-both')).bytes.toString()).toBe('theirs')
})

keeps('BANDWIDTH-AUTH-01', async () => {
  expect(client.authorization).toMatch(/^Basic /)
  await client.put('mine', 'x')
  expect((await client.each('mine')).map(({ status }) => status)).toEqual([200, 200, 204, 204])
})

const UNAUTHORIZED = [401, 401, 401, 401]

keeps('BANDWIDTH-AUTH-02', async () => {
  await client.put('there', 'x')
  const nobody = new BandwidthClient(gateway.url, client.accountId, null)
  for (const name of ['there', 'never was']) {
    const answers = await nobody.each(name)
    expect(answers.map(({ status }) => status)).toEqual(UNAUTHORIZED)
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => answers[0]?.body))
  }
  expect((await client.get('there')).bytes.toString()).toBe('x')
})

keeps('BANDWIDTH-AUTH-03', async () => {
  await client.put('private', 'x')
  const { authorization } = await clientOf(gateway, 'stranger')
  const told = new Set<string>()
  for (const accountId of [client.accountId, 'there-is-none']) {
    for (const name of ['private', 'never was']) {
      const answers = await new BandwidthClient(gateway.url, accountId, authorization).each(name)
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403])
      for (const { bytes } of answers) told.add(bytes.toString())
    }
  }
  expect(told.size).toBe(1)
  expect((await client.get('private')).bytes.toString()).toBe('x')
})

keeps('BANDWIDTH-AUTH-04', async () => {
  await client.put('each-time', 'x')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async (authorization?: string) => {
    const headers = authorization ? { authorization } : {}
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      request(new URL(client.urlOf('each-time'), gateway.url), { agent, headers }, resolve)
        .on('error', reject)
        .end(),
    )
    const port = answer.socket.localPort
    await text(answer)
    return { status: answer.statusCode, cookies: answer.headers['set-cookie'], port }
  }
  const first = await ask(client.authorization ?? '')
  const second = await ask()
  agent.destroy()
  expect([first.status, second.status]).toEqual([200, 401])
  expect([first.cookies, second.cookies]).toEqual([undefined, undefined])
  expect(second.port).toBe(first.port)
})

keeps('BANDWIDTH-AUTH-05', async () => {
  for (const authorization of [basic('api-user-12345', 'wrong'), basic('nobody', 'secretsecretsecret')]) {
    const answers = await new BandwidthClient(gateway.url, client.accountId, authorization).each('x')
    expect(answers.map(({ status }) => status)).toEqual(UNAUTHORIZED)
  }
})

keeps('BANDWIDTH-DOWNLOAD-01', async () => {
  await client.put('download', photo.bytes(), { 'content-type': 'image/png' })
  const { status, bytes, headers } = await client.get('download')
  expect([status, headers.get('content-length')]).toEqual([200, String(photo.size)])
  expect(bytes).toEqual(photo.bytes())
})

keeps('BANDWIDTH-DOWNLOAD-02', async () => {
  await client.put('untyped', photo.bytes())
  await client.put('octets', photo.bytes(), { 'content-type': 'application/octet-stream' })
  for (const name of ['untyped', 'octets'])
    expect((await client.get(name)).headers.get('content-type')).toBe('application/octet-stream')
})

/** A share link and a signed URL of a file. */
async function given(name: string): Promise<string[]> {
  const id = await idOf(name)
  const { createShareLink } = await graphql().query(
    `mutation($id: ID!) { createShareLink(input: { mediaId: $id, expiresIn: 600 }) { url shareLink { expiresAt } } }`,
    { id },
  )
  expect(Date.parse(createShareLink.shareLink.expiresAt)).toBeLessThan(Date.now() + 601_000)
  const { media } = await graphql().query(`query($id: ID!) { media(id: $id) { url(expiresIn: 600) } }`, {
    id,
  })
  return [createShareLink.url, media.url]
}

keeps('BANDWIDTH-PRACTICE-01', async () => {
  await client.put('for-users', 'for everybody', { 'content-type': 'text/plain' })
  for (const url of await given('for-users')) {
    expect(url).not.toContain('api-user')
    expect(url).not.toContain('secretsecretsecret')
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toEqual([200, 'for everybody'])
  }
})

keeps('BANDWIDTH-PRACTICE-02', async () => {
  await client.put('given', 'x')
  await client.put('not-given', 'y')
  const other = await idOf('not-given')
  const nobody = new BandwidthClient(gateway.url, client.accountId, null)
  for (const link of await given('given')) {
    const { pathname, search } = new URL(link)
    const elsewhere = [
      `/media/${other}/content${search}`,
      `${pathname.replace(/[^/]{4}$/, 'zzzz')}${search}`,
      `${client.urlOf('given')}${search}`,
      `${client.place}${search}`,
    ].filter(path => path !== pathname + search)
    const statuses = await Promise.all(elsewhere.map(async path => (await nobody.ask('GET', path)).status))
    expect(statuses.filter(status => status < 400)).toEqual([])
  }
})

keeps('BANDWIDTH-DELETE-01', async () => {
  await client.put('file.mp3', 'x')
  const { status, bytes } = await client.ask('DELETE', `${client.place}/file.mp3`)
  expect([status, bytes.length]).toEqual([204, 0])
})

keeps('BANDWIDTH-DELETE-02', async () => {
  await client.put('deleted', 'x')
  const { mediaItems } = await graphql().query(`{ mediaItems(first: 1) { nodes { id name } } }`)
  const [media] = mediaItems.nodes
  expect(media.name).toBe('deleted')
  await client.delete('deleted')
  await isPurged(gateway, media.id)
  expect((await client.get('deleted')).status).toBe(404)
  expect(await client.names()).not.toContain('deleted')
})

keeps('BANDWIDTH-BOTH-01', async () => {
  const jpeg = fixture('photo-gps.jpg').bytes()
  await client.put('jpeg', jpeg, { 'content-type': 'image/jpeg' })
  await client.put('none', jpeg)
  const types = await Promise.all(
    ['jpeg', 'none'].map(async name => (await client.get(name)).headers.get('content-type')),
  )
  expect(types).toEqual(['image/jpeg', 'application/octet-stream'])
})

keeps('BANDWIDTH-BOTH-02', async () => {
  const chunks = new ReadableStream({
    start(controller) {
      for (let at = 0; at < photo.size; at += 1_000)
        controller.enqueue(photo.bytes().subarray(at, at + 1_000))
      controller.close()
    },
  })
  expect((await client.put('length', photo.bytes())).status).toBe(204)
  expect((await client.put('chunked', chunks)).status).toBe(204)
  for (const name of ['length', 'chunked']) expect((await client.get(name)).bytes).toEqual(photo.bytes())
})

keeps('BANDWIDTH-BOTH-03', async () => {
  const forms = {
    'plain.mp3': ['plain.mp3'],
    'two words.mp3': ['two%20words.mp3'],
    '14762070468292kw2fuqty55yp2b2/0/bw.png': [
      '14762070468292kw2fuqty55yp2b2%2F0%2Fbw.png',
      '14762070468292kw2fuqty55yp2b2/0/bw.png',
    ],
  }
  for (const [name, written] of Object.entries(forms)) {
    for (const form of written) {
      const url = `${client.place}/${form}`
      expect((await client.ask('PUT', url, { body: form })).status).toBe(204)
      for (const other of written)
        expect((await client.ask('GET', `${client.place}/${other}`)).bytes.toString()).toBe(form)
      expect((await client.names()).filter(each => each === name)).toHaveLength(1)
    }
    for (const form of written) {
      await client.put(name, 'x')
      expect((await client.ask('DELETE', `${client.place}/${form}`)).status).toBe(204)
      expect((await client.get(name)).status).toBe(404)
    }
  }
})
