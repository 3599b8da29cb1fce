import { startApp, type TestApp } from '../../support/app.ts'
import { HOUR, retentionTools } from '../../support/retention.ts'
import { seedMedia } from '../../support/seed.ts'
import { closeDocumented } from '../documented.ts'
import { promises } from '../harness.ts'
import { type BandwidthClient, clientOf, type Item, LARGEST, PAGE, tokenOf } from './client.ts'
import { PROMISES } from './promises.ts'

const keeps = promises(PROMISES)

let gateway: TestApp
let client: BandwidthClient
/** Of an account with 1001 files, and what was uploaded there first and last. */
let many: BandwidthClient
beforeAll(async () => {
  gateway = await startApp()
  client = await clientOf(gateway, '12345')
  many = await clientOf(gateway, 'many')
  await seed('many', PAGE)
  await many.put('the 1 001st', 'x')
})
afterAll(() => closeDocumented(gateway, 'bandwidth'))

const { run, sql } = retentionTools(() => gateway)

const seed = (accountId: string, count: number) =>
  seedMedia(gateway.app.foundation.database, {
    accountId,
    count,
    columns: { name: `'seed ' || n`, size: '1', created_at: `now() - n * interval '1 second'` },
  })

keeps('BANDWIDTH-LIMIT-01', async () => {
  const largest = new Uint8Array(LARGEST).fill(7)
  expect((await client.put('largest', largest)).status).toBe(204)
  expect((await client.get('largest')).bytes.equals(largest)).toBe(true)
})

keeps('BANDWIDTH-LIMIT-02', async () => {
  await client.put('stays', 'as it was')
  const tooLarge = new Uint8Array(LARGEST + 1)
  for (const name of ['stays', 'never comes']) {
    const { status } = await client.put(name, tooLarge)
    expect(status).toBe(413)
  }
  expect((await client.get('stays')).bytes.toString()).toBe('as it was')
  expect(await client.names()).not.toContain('never comes')
})

keeps('BANDWIDTH-LIMIT-03', async () => {
  // Uploaded when there were a thousand (above).
  expect((await many.get('the 1 001st')).bytes.toString()).toBe('x')
  expect(await many.names()).toHaveLength(PAGE + 1)
})

/** Moves the end of a file, as if its hours had passed. */
async function endsIn(name: string, ms: number): Promise<void> {
  const [media] = await sql<{ hours: number }>(
    `SELECT (extract(epoch FROM expires_at - content_updated_at) / 3600)::float8 AS hours FROM media WHERE name = $1 AND deleted_at IS NULL`,
    [name],
  )
  expect(media?.hours).toBe(48)
  await sql(
    `UPDATE media SET expires_at = clock_timestamp() + $2 * interval '1 millisecond' WHERE name = $1`,
    [name, ms],
  )
}

keeps('BANDWIDTH-RETENTION-01', async () => {
  await client.put('nearly over', 'x')
  await endsIn('nearly over', HOUR / 60)
  await run('retention.expire')
  expect((await client.get('nearly over')).status).toBe(200)
  expect(await client.names()).toContain('nearly over')
})

keeps('BANDWIDTH-RETENTION-02', async () => {
  await client.put('over', 'x')
  await endsIn('over', -1)
  const look = async () => [(await client.get('over')).status, (await client.names()).includes('over')]
  expect(await look()).toEqual([404, false])
  await run('retention.expire')
  expect(await look()).toEqual([404, false])
  const { mediaItems } = await gateway
    .as(tokenOf(client))
    .query(`{ mediaItems(filter: { name: ["over"] }) { nodes { id } } }`)
  expect(mediaItems.nodes).toEqual([])
})

keeps('BANDWIDTH-LIST-01', async () => {
  const [one, other] = [await clientOf(gateway, 'one'), await clientOf(gateway, 'other-one')]
  for (const name of ['a', 'b', 'c']) await one.put(name, name)
  await other.put('d', 'd')
  expect(await one.names()).toEqual(['a', 'b', 'c'])
  expect(await other.names()).toEqual(['d'])
})

keeps('BANDWIDTH-LIST-02', async () => {
  const { status, headers, body } = await client.ask('GET', '/api/v2/users/12345/media')
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json\b/)])
  expect(body).toEqual(expect.any(Array))
})

keeps('BANDWIDTH-LIST-03', async () => {
  expect((await many.list()).body).toHaveLength(PAGE)
})

keeps('BANDWIDTH-LIST-04', async () => {
  expect((await many.list()).headers.get('continuation-token')).toMatch(/^[\x21-\x7e]+$/)
})

keeps('BANDWIDTH-LIST-05', async () => {
  const pages = await many.pages()
  expect(pages.map(page => page.length)).toEqual([PAGE, 1])
  const expected = [...Array.from({ length: PAGE }, (_, i) => `seed ${i + 1}`), 'the 1 001st']
  expect(
    pages
      .flat()
      .map(({ mediaName }) => mediaName)
      .sort(),
  ).toEqual(expected.sort())
})

keeps('BANDWIDTH-LIST-06', async () => {
  const [first, again] = [await many.list(), await many.list()]
  expect(first.body[0].mediaName).toBe(`seed ${PAGE}`)
  expect(again.body).toEqual(first.body)
})

const itemOf = async (name: string): Promise<Item | undefined> =>
  (await client.items()).find(({ mediaName }) => mediaName === name)

keeps('BANDWIDTH-LIST-07', async () => {
  await client.put('measured', new Uint8Array(561_276))
  await client.put('empty', '')
  expect((await itemOf('measured'))?.contentLength).toBe(561_276)
  expect((await itemOf('empty'))?.contentLength).toBe(0)
})

const NAMES = ['plain.mp3', 'two words.mp3', 'inbound/0/bw.png', 'Straße 日本 😀.png', '50%?#&+=.txt']

keeps('BANDWIDTH-LIST-08', async () => {
  for (const name of NAMES) await client.put(name, name)
  const names = await client.names()
  expect(NAMES.filter(name => !names.includes(name))).toEqual([])
})

keeps('BANDWIDTH-LIST-09', async () => {
  for (const name of NAMES) {
    await client.put(name, name)
    const { content = '' } = (await itemOf(name)) ?? {}
    expect(content.startsWith(`${gateway.url}${client.place}/`)).toBe(true)
    const { status, bytes } = await client.ask('GET', content)
    expect([status, bytes.toString()]).toEqual([200, name])
  }
})

keeps('BANDWIDTH-LIST-10', async () => {
  await client.put('members', 'x')
  for (const item of await client.items())
    expect(Object.keys(item).sort()).toEqual(['content', 'contentLength', 'mediaName'])
})

keeps('BANDWIDTH-OURS-10', async () => {
  const exactly = await clientOf(gateway, 'exactly')
  await seed('exactly', PAGE)
  const { body, headers } = await exactly.list()
  expect([body.length, headers.get('continuation-token')]).toEqual([PAGE, null])
  expect((await client.list()).headers.get('continuation-token')).toBeNull()
})

keeps('BANDWIDTH-OURS-11', async () => {
  const token = (await many.list()).headers.get('continuation-token') ?? ''
  expect((await many.list(token)).status).toBe(200)
  for (const bad of ['x', token.slice(1), token.slice(0, -9), token.replace(/\..*/, '.'), 'a+/='])
    expect([bad, (await many.list(bad)).status]).toEqual([bad, 400])
  const { status, body } = await client.list(token)
  expect([status, body.type]).toEqual([400, 'request-validation'])
})

keeps('BANDWIDTH-OURS-12', async () => {
  const busy = await clientOf(gateway, 'busy')
  await seed('busy', 2 * PAGE + 1)
  const pages = await busy.pages(async page => {
    await busy.put(`new ${page}`, 'x')
    await busy.delete(`seed ${page}`)
    await busy.delete(`seed ${2 * PAGE + 2 - page}`)
    await busy.put(`seed ${100 + page}`, 'overwritten')
    await busy.put(`seed ${2 * PAGE - 100 - page}`, 'overwritten')
  })
  const names = pages.flat().map(({ mediaName }) => mediaName)
  expect(new Set(names).size).toBe(names.length)
  const now = await busy.names()
  expect(now.filter(name => !names.includes(name) && !name.startsWith('new'))).toEqual([])
})
