import { ADMIN, startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const COUNTS = `query C($id: ID!) { media(id: $id) { timesDownloaded shareLinks { nodes { timesDownloaded } } } }`

async function upload(maxDownloads: number, bytes: Buffer = Buffer.from('0123456789')): Promise<string> {
  return (await gateway.upload({ bytes, fileName: 'ten.bin' }, { maxDownloads })).media.id
}

const contentOf = (id: string) => `${gateway.url}/media/${id}/content`

async function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> {
  const answer = await fetch(url, { method, headers: { authorization: ADMIN, ...headers } })
  await answer.arrayBuffer()
  return answer.status
}

const part = (range: string, agent = 'player') => ({ range: `bytes=${range}`, 'user-agent': agent })

async function counts(id: string): Promise<{ media: number; links: number[] }> {
  const { media } = await gateway.query(COUNTS, { id })
  return {
    media: media.timesDownloaded,
    links: media.shareLinks.nodes.map((link: { timesDownloaded: number }) => link.timesDownloaded),
  }
}

async function share(mediaId: string, maxDownloads: number): Promise<{ url: string; id: string }> {
  const { createShareLink } = await gateway.query(
    `mutation C($input: CreateShareLinkInput!) { createShareLink(input: $input) { url shareLink { id } } }`,
    { input: { mediaId, maxDownloads } },
  )
  return { url: createShareLink.url, id: createShareLink.shareLink.id }
}

test('ranges by which one client goes on with a download count once', async () => {
  const id = await upload(2)
  for (const range of ['0-', '5-', '2-3', '-1', '1-']) expect(await ask(contentOf(id), part(range))).toBe(206)
  expect((await counts(id)).media).toBe(1)
  // Another program is another client, and so is the same one on another content.
  expect(await ask(contentOf(id), part('5-', 'another'))).toBe(206)
  expect((await counts(id)).media).toBe(2)
  expect(await ask(contentOf(id), part('0-'))).toBe(403)
  expect(await ask(contentOf(id), part('5-', 'third'))).toBe(403)
  // What was counted is paid for, also when nothing is left.
  expect(await ask(contentOf(id), part('5-'))).toBe(206)
  expect((await counts(id)).media).toBe(2)
})

test('a request from the start counts anew, but for the first after a probe', async () => {
  const id = await upload(4)
  const expected: Array<[string, number]> = [
    ['0-1', 1],
    ['0-', 1],
    ['4-', 1],
    ['0-', 2],
    ['0-0', 3],
    ['3-', 3],
    ['0-9', 3],
    ['0-1', 4],
  ]
  for (const [range, counted] of expected) {
    expect(await ask(contentOf(id), part(range))).toBe(206)
    expect([range, (await counts(id)).media]).toEqual([range, counted])
  }
  const together = await Promise.all([1, 2, 3].map(() => ask(contentOf(id), part('0-'))))
  expect(together.sort()).toEqual([206, 403, 403])
})

test('a session ends after a day', async () => {
  const id = await upload(2)
  const { database } = gateway.app.foundation
  expect(await ask(contentOf(id), part('0-'))).toBe(206)
  await database.query(`UPDATE download_session SET counted_at = counted_at - interval '24 hours'`)
  expect(await ask(contentOf(id), part('5-'))).toBe(206)
  expect((await counts(id)).media).toBe(2)
  await database.query(`UPDATE download_session SET counted_at = counted_at - interval '24 hours'`)
  await gateway.app.jobs.find(({ name }) => name === 'downloads.forget')?.run(null, null as never)
  expect(await database.query('SELECT id FROM download_session')).toEqual([])
})

test('of an unlimited media only starts count, and nothing is kept of who', async () => {
  const id = await upload(0)
  for (const range of ['0-', '5-', '0-1', '0-']) expect(await ask(contentOf(id), part(range))).toBe(206)
  const link = await share(id, 0)
  for (const range of ['0-', '5-']) expect(await ask(link.url, part(range))).toBe(206)
  expect(await counts(id)).toEqual({ media: 4, links: [1] })
  expect(await gateway.app.foundation.database.query('SELECT id FROM download_session')).toEqual([])
})

test('what sends no content is not counted', async () => {
  const id = await upload(1)
  const { url } = await share(id, 1)
  for (const which of [contentOf(id), url]) {
    expect(await ask(which, {}, 'HEAD')).toBe(200)
    expect(await ask(which, { 'if-none-match': '*' })).toBe(304)
    expect(await ask(which, { range: 'bytes=10-' })).toBe(416)
    expect(await ask(which, { 'if-match': '"other"' })).toBe(412)
    expect(await ask(`${which}?download=perhaps`)).toBe(400)
  }
  expect((await fetch(contentOf(id))).status).toBe(404)
  expect(await counts(id)).toEqual({ media: 0, links: [0] })
})

test('a link spends of its own budget and of the media’s, both or neither', async () => {
  const id = await upload(3)
  const [first, second] = [await share(id, 2), await share(id, 5)]
  expect(await ask(first.url)).toBe(200)
  expect(await ask(first.url)).toBe(200)
  expect(await ask(first.url)).toBe(403)
  expect(await counts(id)).toEqual({ media: 2, links: [0, 2] })
  expect(await ask(second.url)).toBe(200)
  expect(await ask(second.url)).toBe(403)
  expect(await ask(contentOf(id))).toBe(403)
  expect(await counts(id)).toEqual({ media: 3, links: [1, 2] })
})

test('many at once through several links of one media never exceed any budget', async () => {
  const id = await upload(30)
  // One after the other: their counts are told newest first.
  const links = [await share(id, 5), await share(id, 8), await share(id, 0)]
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, i) => ask(links[i % 3]?.url ?? '', { 'user-agent': `client ${i % 7}` })),
  )
  const { media, links: counted } = await counts(id)
  expect(new Set(answers)).toEqual(new Set([200, 403]))
  expect(answers.filter(status => status === 200)).toHaveLength(30)
  expect([media, counted.reduce((sum, n) => sum + n, 0)]).toEqual([30, 30])
  expect(counted[1]).toBeLessThanOrEqual(8)
  expect(counted[2]).toBeLessThanOrEqual(5)
})
