import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { replaceContent } from '../support/replace.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ KEEP_VERSIONS: '2', TRASH_DAYS: '0' })
})
afterAll(() => gateway.close())

const sql = <Row>(statement: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(statement, values)

/** A media whose contents are `1` to as many as that. */
async function mediaOf(contents: number): Promise<string> {
  const part = (n: number) => ({ bytes: Buffer.from(String(n)), fileName: `${n}.txt` })
  const { media } = await gateway.upload(part(1))
  for (let n = 2; n <= contents; n++)
    await replaceContent({ url: gateway.url, authorization: ADMIN }, part(n), { id: media.id })
  return media.id
}

const LIST = `query V($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { media(id: $id) {
  versions(first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { contentVersion } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`
const versions = async (id: string, page: object = {}) =>
  (await gateway.query(LIST, { id, ...page })).media.versions
const numbers = async (id: string) =>
  (await versions(id)).nodes.map(({ contentVersion }: { contentVersion: number }) => contentVersion)
const fetched = async (id: string, version: number) => {
  const answer = await fetch(`${gateway.url}/media/${id}/content?v=${version}`, {
    headers: { authorization: ADMIN },
  })
  return answer.status === 200 ? answer.text() : answer.status
}
const age = (id: string, days: number) =>
  sql(`UPDATE media_version SET created_at = created_at - $2 * interval '1 day' WHERE media_id = $1`, [
    id,
    days,
  ])
const doomed = () =>
  sql<{ n: number; days: number }>(
    `SELECT count(*)::int AS n, round(extract(epoch FROM max(doom_at) - now()) / 86400)::int AS days
     FROM blob WHERE state = 'doomed'`,
  )

test('as many as KEEP_VERSIONS are shown, the present one included, newest first, page by page', async () => {
  const id = await mediaOf(4)
  expect(await numbers(id)).toEqual([4, 3])
  const first = await versions(id, { first: 1 })
  expect(first).toMatchObject({ totalCount: 2, nodes: [{ contentVersion: 4 }] })
  expect(first.pageInfo.hasNextPage).toBe(true)
  const second = await versions(id, { first: 1, after: first.pageInfo.endCursor })
  expect(second).toMatchObject({ nodes: [{ contentVersion: 3 }], pageInfo: { hasNextPage: false } })
  expect(await versions(id, { last: 1 })).toMatchObject({ nodes: [{ contentVersion: 3 }] })
  const other = await mediaOf(2)
  for (const after of [first.pageInfo.endCursor, 'x', '', '\0'].slice(0, 3)) {
    const { errors } = await gateway.send(LIST, { id: other, first: 1, after })
    expect([after, errors?.[0]?.extensions.code]).toEqual([after, 'BAD_REQUEST'])
  }
})

test('an old one can be fetched until no URL of it is valid; then it goes, and its bytes a day later', async () => {
  const id = await mediaOf(4)
  const { oldVersions, reaper } = gateway.app
  await age(id, 7.9)
  expect(await oldVersions.remove()).toBe(0)
  expect([await fetched(id, 1), await fetched(id, 2)]).toEqual(['1', '2'])
  await age(id, 0.2)
  expect(await oldVersions.remove()).toBe(2)
  expect(await Promise.all([1, 2, 3, 4].map(n => fetched(id, n)))).toEqual([404, 404, '3', '4'])
  expect(await numbers(id)).toEqual([4, 3])
  expect(await doomed()).toEqual([{ n: 2, days: 1 }])
  expect((await reaper.run()).removed).toBe(0)
  await sql(`UPDATE blob SET doom_at = now() WHERE state = 'doomed'`)
  expect((await reaper.run()).removed).toBe(2)
  expect(await oldVersions.remove()).toBe(0)
})

test('the time of one counts from when it was one too many, not from when it came', async () => {
  const id = await mediaOf(2)
  await age(id, 100)
  await replaceContent(
    { url: gateway.url, authorization: ADMIN },
    { bytes: Buffer.from('3'), fileName: '3.txt' },
    { id },
  )
  expect(await gateway.app.oldVersions.remove()).toBe(0)
  expect(await fetched(id, 1)).toBe('1')
})

test('none of a media under legal hold goes, until it is released', async () => {
  const id = await mediaOf(3)
  await age(id, 100)
  const { applyLegalHold } = await gateway.query(
    `mutation { applyLegalHold(input: { mediaId: "${id}", reason: "r" }) { legalHold { id } } }`,
  )
  expect(await gateway.app.oldVersions.remove()).toBe(0)
  expect(await fetched(id, 1)).toBe('1')
  await gateway.query(
    `mutation { releaseLegalHold(input: { id: "${applyLegalHold.legalHold.id}" }) { userErrors { code } } }`,
  )
  expect(await gateway.app.oldVersions.remove()).toBe(1)
})

test('two sweeps at once remove each version once', async () => {
  const id = await mediaOf(5)
  await age(id, 100)
  const { oldVersions } = gateway.app
  const removed = await Promise.all([oldVersions.remove(), oldVersions.remove(), oldVersions.remove()])
  expect(removed.reduce((sum, n) => sum + n, 0)).toBe(3)
})

test('all contents of a deleted media go with it', async () => {
  const id = await mediaOf(3)
  await gateway.query(`mutation { deleteMedia(input: { id: "${id}" }) { deletedMediaId } }`)
  expect(await fetched(id, 1)).toBe(404)
  const { mediaItems } = await gateway.query(
    `{ mediaItems(filter: { deleted: true }) { nodes { id versions { totalCount nodes { url } } } } }`,
  )
  expect(mediaItems.nodes).toEqual([{ id, versions: { totalCount: 0, nodes: [] } }])
  expect(await gateway.app.trash.empty()).toBe(1)
  const left = await sql(`SELECT 1 FROM media_version WHERE media_id = $1`, [id])
  await gateway.app.reaper.run()
  expect(left).toEqual([])
})

test('who may not read a media does not see its versions, when a change gives it to them neither', async () => {
  const id = await mediaOf(2)
  const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['media:update'] })
  const { data, errors } = await gateway
    .as(`Bearer mgw_${key.id}_${secret}`)
    .send(
      `mutation { updateMedia(input: { id: "${id}", title: "t" }) { media { id versions { nodes { url } } } } }`,
    )
  expect([data, errors?.[0]?.extensions.code]).toEqual([{ updateMedia: { media: null } }, 'FORBIDDEN'])
  const { media } = await gateway.as(FOREIGN).query(LIST, { id })
  expect(media).toBeNull()
})
