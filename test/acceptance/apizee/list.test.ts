import { ApizeeClient } from '../../clients/apizee-client.ts'
import { fixture } from '../../support/fixtures.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { ids, item, type Made, Site, type Somebody } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
beforeAll(async () => {
  site = await Site.start()
}, 60_000)
afterAll(() => site.close())

const many = async (who: Somebody, count: number): Promise<Made[]> => {
  const made: Made[] = []
  while (made.length < count) made.push(await who.make())
  return made
}

/** Media of a user of their own, each with what is said of it; found by what is asked for, newest first. */
async function finding(inputs: readonly Record<string, unknown>[]) {
  const who = await site.user()
  const made: Made[] = []
  for (const input of inputs) made.push(await who.make(input))
  return {
    who,
    made,
    found: async (query: Parameters<ApizeeClient['list']>[0]) => {
      const { status, body } = await who.api.list(query)
      expect([status, body.total]).toEqual([200, body.data.length])
      return body.data.map(({ id }) => made.findIndex(each => each.id === id)).sort()
    },
    madeAt: (index: number, time: string) =>
      site.sql('UPDATE media SET created_at = $2 WHERE id = $1', [made[index]?.uuid, time]),
  }
}

const FIVE = [
  ['GET', ''],
  ['GET', '/{id}'],
  ['GET', '/{id}/download'],
  ['PUT', '/{id}'],
  ['DELETE', '/{id}'],
] as const

const askAll = async ({ api }: { readonly api: ApizeeClient }, id: number): Promise<number[]> => {
  const statuses: number[] = []
  for (const [method, path] of FIVE)
    statuses.push((await api.send(method, `/api/v3/medias${path.replace('{id}', String(id))}`)).status)
  return statuses
}

keeps('APIZEE-AUTH-01', async () => {
  const who = await site.user()
  expect(await askAll(who, (await who.make()).id)).toEqual([200, 200, 200, 200, 200])
})

keeps('APIZEE-AUTH-02', async () => {
  const { id } = await (await site.user()).make()
  for (const authorization of [null, 'Bearer YOUR_SECRET_TOKEN', 'Bearer mgw_nobody_nothing']) {
    const api = new ApizeeClient(site.gateway.url, authorization)
    expect(await askAll({ api }, id)).toEqual([401, 401, 401, 401, 401])
  }
})

keeps('APIZEE-LIST-01', async () => {
  const who = await site.user()
  const made = await who.make()
  const { status, headers, body } = await who.api.list()
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  expect(body).toEqual({ total: 1, next_offset: null, data: [item(made)] })
})

keeps('APIZEE-LIST-02', async () => {
  const who = await site.user()
  const files = ['photo.png', 'video.mp4', 'audio.mp3']
  const made: Made[] = []
  for (const fileName of files) made.push(await who.make({}, { bytes: fixture(fileName).bytes(), fileName }))
  const seen: string[] = []
  for await (const { data } of who.api.pages({ limit: 2 })) seen.push(...data.map(each => each.filename))
  expect(seen).toEqual(files.toReversed())
})

keeps('APIZEE-LIST-03', async () => {
  const wanted = { conversationId: 'c' }
  const { who, found, made, madeAt } = await finding([wanted, wanted, wanted, {}, wanted])
  for (const [i] of made.entries()) await madeAt(i, '2020-01-01T12:00:00Z')
  await madeAt(1, '2020-01-03T12:00:00Z')
  await site.sql(`UPDATE media SET kind = 'IMAGE' WHERE id = $1`, [made[2]?.uuid])
  await site.sql(`UPDATE media SET status = 'FAILED' WHERE id = $1`, [made[4]?.uuid])
  const query = {
    type: 'document',
    conversationId: 'c',
    status: 'completed',
    since: '2020-01-01T00:00:00Z',
    until: '2020-01-02T00:00:00Z',
  }
  expect(await found(query)).toEqual([0])
  expect((await who.api.list({ ...query, limit: 1, status: 'completed,failed' })).body).toMatchObject({
    total: 2,
    next_offset: 1,
  })
})

keeps('APIZEE-LIST-04', async () => {
  const [anna, berta] = [await site.user({ groups: ['team'] }), await site.user()]
  const own = await anna.make()
  const shared = await berta.make({ groupIds: ['team'] })
  expect(ids((await anna.api.list()).body.data)).toEqual([own.id])
  // What she may see beside her own is there for who asks for its group or conversation.
  expect(ids((await anna.api.list({ group_id: 'team' })).body.data)).toEqual([shared.id])
})

keeps('APIZEE-LIST-05', async () => {
  const { made, found } = await finding([{}, {}, {}, {}])
  for (const [i, status] of ['PENDING', 'PROCESSING', 'FAILED', 'COMPLETED'].entries())
    await site.sql('UPDATE media SET status = $2 WHERE id = $1', [made[i]?.uuid, status])
  expect(await found({ status: 'pending' })).toEqual([0])
  expect(await found({ status: 'processing' })).toEqual([1])
  expect(await found({ status: 'failed, Completed' })).toEqual([2, 3])
  for (const name of ['status', 'status[]'])
    expect(
      await found([
        [name, 'pending'],
        [name, 'processing'],
      ]),
    ).toEqual([0, 1])
})

keeps('APIZEE-LIST-06', async () => {
  const { made, found } = await finding([{}, {}])
  await site.sql(`UPDATE media SET status = 'PROCESSING' WHERE id = $1`, [made[0]?.uuid])
  expect(await found({})).toEqual([1])
  expect(await found({ status: '' })).toEqual([1])
})

keeps('APIZEE-LIST-07', async () => {
  const who = await site.user()
  const made = (await many(who, 5)).toReversed()
  const { body } = await who.api.list({ offset: 3 })
  expect([ids(body.data), body.total]).toEqual([ids(made.slice(3)), 5])
  expect((await who.api.list({ offset: 5 })).body).toEqual({ total: 5, next_offset: null, data: [] })
})

keeps('APIZEE-LIST-08', async () => {
  const who = await site.user()
  const made = (await many(who, 4)).toReversed()
  expect(ids((await who.api.list({ limit: 3 })).body.data)).toEqual(ids(made.slice(0, 3)))
})

keeps('APIZEE-LIST-09', async () => {
  const who = await site.user()
  await many(who, 11)
  const { body } = await who.api.list()
  expect([body.data.length, body.total, body.next_offset]).toEqual([10, 11, 10])
})

/** Made a second before, at, and a second after this time. */
const AT = '2020-01-01T15:00:00Z'
async function aroundThen() {
  const { found, madeAt } = await finding([{}, {}, {}])
  await madeAt(0, '2020-01-01T14:59:59Z')
  await madeAt(1, AT)
  await madeAt(2, '2020-01-01T15:00:01Z')
  return found
}

keeps('APIZEE-LIST-10', async () => {
  const found = await aroundThen()
  expect(await found({ since: AT })).toEqual([2])
  expect(await found({ since: '2020-01-01T16:59:59+02:00' })).toEqual([1, 2])
})

keeps('APIZEE-LIST-11', async () => {
  const found = await aroundThen()
  expect(await found({ until: AT })).toEqual([0])
  expect(await found({ since: '2020-01-01T14:59:59Z', until: '2020-01-01T15:00:01Z' })).toEqual([1])
})

keeps('APIZEE-LIST-12', async () => {
  const { api } = await site.user()
  for (const name of ['since', 'until'])
    for (const value of ['yesterday', '2020-13-01T00:00:00Z', '1577890800'])
      expect([name, value, (await api.list({ [name]: value })).status]).toEqual([name, value, 400])
})

keeps('APIZEE-LIST-13', async () => {
  const who = await site.user()
  const named = await who.make({}, { bytes: Buffer.from('a'), fileName: 'Quarterly-Report.txt' })
  const titled = await who.make({ title: 'the REPORT of May' })
  const described = await who.make({ description: 'see report' })
  await who.make({ title: 'nothing' })
  const { body } = await who.api.list({ search: 'rePort' })
  expect(ids(body.data)).toEqual(ids([described, titled, named]))
})

keeps('APIZEE-LIST-14', async () => {
  const { who, made } = await finding([{ title: 'b' }, { title: 'c' }, { title: 'a' }])
  const sorted = async (query: Record<string, string>) =>
    ids((await who.api.list({ order: 'asc', ...query })).body.data).map(id => ids(made).indexOf(id))
  await site.sql('UPDATE media SET created_at = now() WHERE id = $1', [made[0]?.uuid])
  await who.graphql.query(
    `mutation { updateMedia(input: { id: "${made[1]?.uuid}", description: "x" }) { userErrors { code } } }`,
  )
  expect(await sorted({ orderby: 'title' })).toEqual([2, 0, 1])
  expect(await sorted({ orderby: 'id' })).toEqual([0, 1, 2])
  expect(await sorted({ orderby: 'date' })).toEqual([1, 2, 0])
  expect(await sorted({ orderby: 'modified' })).toEqual([0, 2, 1])
  for (const orderby of ['filename', 'filesize']) expect(await sorted({ orderby })).toHaveLength(3)
  expect((await who.api.list({ orderby: 'colour' })).status).toBe(400)
})

keeps('APIZEE-LIST-15', async () => {
  const { who, made, madeAt } = await finding([{ title: 'a' }, { title: 'b' }, { title: 'c' }])
  await madeAt(2, '2020-01-01T00:00:00Z')
  const byDate = [1, 0, 2].map(i => made[i]?.id)
  for (const query of ['', 'date'].map(orderby => ({ orderby })))
    expect(ids((await who.api.list(query)).body.data)).toEqual(byDate)
})

keeps('APIZEE-LIST-16', async () => {
  const who = await site.user()
  await many(who, 3)
  const [up, down] = [await who.api.list({ order: 'asc' }), await who.api.list({ order: 'desc' })]
  expect(up.body.data).toEqual(down.body.data.toReversed())
  expect(up.body.data).toHaveLength(3)
  expect((await who.api.list({ order: 'sideways' })).status).toBe(400)
})

keeps('APIZEE-LIST-17', async () => {
  const who = await site.user()
  const made = await many(who, 3)
  expect(ids((await who.api.list()).body.data)).toEqual(ids(made.toReversed()))
})

keeps('APIZEE-LIST-18', async () => {
  const { made, found } = await finding([{}, {}, {}, {}, {}])
  const kinds = ['IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'FILE']
  for (const [i, kind] of kinds.entries())
    await site.sql('UPDATE media SET kind = $2 WHERE id = $1', [made[i]?.uuid, kind])
  for (const [i, media_type] of ['image', 'video', 'audio', 'document', 'file'].entries())
    expect(await found({ media_type })).toEqual([i])
  expect(await found({ media_type: 'other,image' })).toEqual([0, 4])
})

keeps('APIZEE-LIST-19', async () => {
  const { found } = await finding([{ tags: ['case 7', 'x'] }, { tags: ['case 70'] }, { tags: ['a,b'] }, {}])
  expect(await found({ tag: 'case 7' })).toEqual([0])
  expect(await found({ tags: 'case 70,x' })).toEqual([0, 1])
  expect(await found({ tag: 'a,b' })).toEqual([2])
})

keeps('APIZEE-LIST-20', async () => {
  const account = await site.account()
  const [anna, berta] = [await site.user({ account }), await site.user({ account })]
  const nobody = await site.token({ account })
  const [hers, others, none] = [await anna.make(), await berta.make(), await nobody.make()]
  const of = async (user_id: number) => ids((await nobody.api.list({ user_id })).body.data)
  expect(await of(hers.owner.id)).toEqual([hers.id])
  expect(await of(others.owner.id)).toEqual([others.id])
  expect([none.owner, await of(none.owner.id)]).toEqual([{ id: 0, name: 'Example Ltd' }, [none.id]])
  // Nobody, and somebody of another account, have nothing here; nor has another user anything for this one.
  const stranger = await (await site.user()).make()
  for (const id of [stranger.owner.id, 999_999_999_999]) expect(await of(id)).toEqual([])
  expect((await anna.api.list({ user_id: others.owner.id })).body.total).toBe(0)
})

keeps('APIZEE-LIST-21', async () => {
  const account = await site.account()
  const admin = await site.user({ account, scopes: ['*'] })
  const made = [
    await (await site.user({ account })).make(),
    await (await site.token({ account })).make(),
    await admin.make(),
  ]
  const all = (await admin.api.list({ user_id: 'all' })).body
  expect([ids(all.data), all.total]).toEqual([ids(made.toReversed()), 3])
  expect(ids((await admin.api.list()).body.data)).toEqual([made[2]?.id])
})

keeps('APIZEE-LIST-22', async () => {
  for (const { api } of [await site.user(), await site.token({ scopes: ['media:read'] })])
    for (const name of ['user_id', 'userId', 'user'])
      expect((await api.list({ [name]: 'all' })).status).toBe(403)
})

keeps('APIZEE-LIST-23', async () => {
  const { found } = await finding([{ groupIds: ['12', 'g'] }, { groupIds: ['g'] }, {}])
  expect(await found({ user_group_id: 12 })).toEqual([0])
  expect(await found({ user_group_id: 'g' })).toEqual([0, 1])
})

keeps('APIZEE-LIST-24', async () => {
  const { found } = await finding([{ sourceType: 'snapshot' }, { sourceType: 'recording' }, {}])
  expect(await found({ source_type: 'snapshot' })).toEqual([0])
  expect(await found({ source_type: 'unknown' })).toEqual([2])
})

keeps('APIZEE-LIST-25', async () => {
  const { found } = await finding([{ conversationId: '3npGq6km5jx2s4ct' }, { conversationId: 'x' }, {}])
  expect(await found({ conversation_id: '3npGq6km5jx2s4ct' })).toEqual([0])
})

keeps('APIZEE-LIST-26', async () => {
  const { found } = await finding([{ conversationId: '1538745137' }, { conversationId: '15387451370' }])
  expect(await found({ conversation_id: 1538745137 })).toEqual([0])
})

keeps('APIZEE-LIST-27', async () => {
  const who = await site.user()
  await many(who, 5)
  const totals: number[] = []
  for await (const { total } of who.api.pages({ limit: 2 })) totals.push(total)
  expect(totals).toEqual([5, 5, 5])
})

keeps('APIZEE-LIST-28', async () => {
  const who = await site.user()
  await many(who, 5)
  expect((await who.api.list({ offset: 1, limit: 2 })).body.next_offset).toBe(3)
  expect((await who.api.list({ offset: 3, limit: 2 })).body.next_offset).toBeNull()
  // More than it gives at once is as much as it gives.
  expect((await who.api.list({ limit: 1_000_000 })).body.data).toHaveLength(5)
})

keeps('APIZEE-LIST-29', async () => {
  const who = await site.user()
  await who.make({ title: 't', geolocation: { latitude: 1, longitude: 2 } })
  const bytes = fixture('photo.png').bytes()
  await who.make({}, { bytes, fileName: 'photo.png' })
  const { data } = (await who.api.list()).body
  expect(data).toHaveLength(2)
  for (const each of data) expect((await who.api.get(each.id)).body).toEqual(each)
})
