import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { seedMedia } from '../support/seed.ts'
import { type Follow, type Following, TRANSPORTS } from '../support/subscribe.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const upload = async (title: string, as = gateway as Pick<TestApp, 'upload'>) =>
  (await as.upload({ bytes: Buffer.from(title) }, { title })).media.id as string
const rename = (id: string, title: string) =>
  gateway.query(
    `mutation($id: ID!, $title: String) { updateMedia(input: { id: $id, title: $title }) { userErrors { code } } }`,
    {
      id,
      title,
    },
  )
const remove = (id: string) =>
  gateway.query(`mutation($id: ID!) { deleteMedia(input: { id: $id }) { userErrors { code } } }`, { id })

/** A cursor of now: behind everything that was committed until then. */
const cursorNow = async (as: Pick<TestApp, 'query'> = gateway): Promise<string> =>
  (await as.query('{ viewer { eventCursor } }')).viewer.eventCursor

/** A subscription that is known to be live: it has told of an event that was made for that. */
async function live(follow: Follow, options: Parameters<Follow>[1]): Promise<Following> {
  const following = follow(gateway.url, options)
  const [marker] = await seedMedia(gateway.app.foundation.database, {
    count: 1,
    accountId: options?.authorization === FOREIGN ? 'other' : 'acme',
  })
  const { database } = gateway.app.foundation
  const told = following.next()
  let heard = false
  void told.then(
    () => (heard = true),
    () => (heard = true),
  )
  while (!heard) {
    await database.query(
      `INSERT INTO outbox (id, xid, account_id, type, media_id)
       SELECT gen_random_uuid(), pg_current_xact_id()::text::bigint, account_id, 'media.updated', id FROM media WHERE id = $1`,
      [marker],
    )
    await Promise.race([told.catch(() => undefined), new Promise(resolve => setTimeout(resolve, 50))])
  }
  await told
  return following
}

describe.each(TRANSPORTS)('over %s', (_, follow) => {
  /** The next event that is about one of these media. */
  async function about(following: Following, ...ids: string[]) {
    for (;;) {
      const event = await following.next()
      if (ids.includes(event.mediaId)) return event
    }
  }

  test('tells what happens to a media, in its order, with the media as it is', async () => {
    await using following = await live(follow, { authorization: ADMIN })
    const id = await upload('one')
    const created = await about(following, id)
    expect(created).toMatchObject({ type: 'CREATED', mediaId: id, media: { id, title: 'one' } })
    await rename(id, 'two')
    expect(await about(following, id)).toMatchObject({ type: 'UPDATED', media: { id, title: 'two' } })
    await remove(id)
    expect(await about(following, id)).toMatchObject({ type: 'DELETED', mediaId: id, media: null })
  })

  test('goes on behind a cursor, and then live, without a gap or a repetition', async () => {
    const after = await cursorNow()
    const [a, b] = [await upload('a'), await upload('b')]
    await using following = follow(gateway.url, { authorization: ADMIN, after })
    const first = await following.next()
    expect([first.mediaId, (await following.next()).mediaId]).toEqual([a, b])
    const c = await upload('c')
    expect((await following.next()).mediaId).toBe(c)
    await using again = follow(gateway.url, { authorization: ADMIN, after: first.cursor })
    expect([(await again.next()).mediaId, (await again.next()).mediaId]).toEqual([b, c])
  })

  test('a media that was deleted meanwhile is told of without its content', async () => {
    const after = await cursorNow()
    const id = await upload('short-lived')
    await remove(id)
    await using following = follow(gateway.url, { authorization: ADMIN, after })
    expect(await following.next()).toMatchObject({ type: 'CREATED', mediaId: id, media: null })
    expect(await following.next()).toMatchObject({ type: 'DELETED', mediaId: id, media: null })
  })

  test('tells only what matches the filter when it is delivered', async () => {
    const after = await cursorNow()
    const [red, blue, left] = [await upload('red'), await upload('blue'), await upload('red too')]
    await rename(left, 'blue now')
    await remove(red)
    await using following = follow(gateway.url, { authorization: ADMIN, after, filter: { search: 'red' } })
    expect(await following.next()).toMatchObject({ type: 'CREATED', mediaId: red })
    expect(await following.next()).toMatchObject({ type: 'DELETED', mediaId: red })
    const end = await upload('red at last')
    const last = await following.next()
    expect([last.mediaId, blue === left]).toEqual([end, false])
  })

  test('another account hears nothing, an owner hears of what is theirs', async () => {
    const key = async (id: string) => {
      const made = await gateway.app.keys.create({
        accountId: 'acme',
        scopes: ['media:read', 'media:create', 'media:update', 'media:delete'],
        owner: { id },
      } as never)
      return `Bearer mgw_${made.key.id}_${made.secret}`
    }
    const [anna, berta] = [await key('anna'), await key('berta')]
    const after = await cursorNow()
    const hers = await upload('hers', gateway.as(anna))
    await remove(hers)
    const bertas = await upload('bertas', gateway.as(berta))
    const theirs = await upload('theirs', gateway.as(FOREIGN))
    await using asAnna = follow(gateway.url, { authorization: anna, after })
    await using asBerta = follow(gateway.url, { authorization: berta, after })
    await using asOther = follow(gateway.url, { authorization: FOREIGN, after })
    expect([(await asAnna.next()).type, (await asAnna.next()).mediaId]).toEqual(['CREATED', hers])
    expect((await asBerta.next()).mediaId).toBe(bertas)
    expect((await asOther.next()).mediaId).toBe(theirs)
    // Once the row is gone, what the event has kept says whose it was.
    await gateway.app.foundation.database.query(`UPDATE media SET purge_at = now() WHERE id = $1`, [hers])
    expect(await gateway.app.trash.empty()).toBe(1)
    await using again = follow(gateway.url, { authorization: anna, after })
    expect(await again.next()).toMatchObject({ type: 'DELETED', mediaId: hers, media: null })
    await using stranger = follow(gateway.url, { authorization: berta, after })
    expect((await stranger.next()).mediaId).toBe(bertas)
  })

  const CURSORS = [
    '',
    'x',
    'AAAA',
    '\u0000',
    '\ud800',
    '9'.repeat(40_000),
    Buffer.from('events:').toString('base64url'),
    Buffer.from('events:1.zz').toString('base64url'),
    Buffer.from('events:1y2p0ij32e8e8').toString('base64url'),
    Buffer.from('events:1y2p0ij32e8e7').toString('base64url'),
    Buffer.from('events:100:100').toString('base64url'),
    Buffer.from(`events:100:99:0`).toString('base64url'),
  ]
  test.each(CURSORS.map(cursor => [JSON.stringify(cursor.slice(0, 30)), cursor]))(
    'no cursor of ours: %s is a bad request',
    async (_name, after) => {
      await using following = follow(gateway.url, { authorization: ADMIN, after })
      expect(await errorsOf(following)).toMatchObject([
        { extensions: { code: 'BAD_REQUEST', field: ['after'], requestId: expect.any(String) } },
      ])
    },
  )

  test('a cursor behind which events have been removed says so', async () => {
    const after = await cursorNow()
    await upload('to be forgotten')
    const { database } = gateway.app.foundation
    await database.query(`UPDATE outbox SET occurred_at = now() - interval '8 days'`)
    const job = gateway.app.jobs.find(({ name }) => name === 'events.prune')
    // Transactions of other tests in this server keep events for those who might wait for them.
    do await job?.run(null, null as never)
    while ((await database.query('SELECT id FROM outbox')).length > 0)
    await using following = follow(gateway.url, { authorization: ADMIN, after })
    expect(await errorsOf(following)).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }])
    // One that is made afterwards is good.
    const fresh = await cursorNow()
    const id = await upload('remembered')
    await using onwards = follow(gateway.url, { authorization: ADMIN, after: fresh })
    expect((await onwards.next()).mediaId).toBe(id)
  })
})

/** The errors that a subscription ends with, in whichever way its transport tells. */
async function errorsOf(following: Following): Promise<unknown> {
  const answer = await Promise.race([following.result().catch(error => error), following.failed])
  return (answer as { errors?: unknown } | null)?.errors ?? answer
}
