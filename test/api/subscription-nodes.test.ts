import { tryEvents } from '../faults/event-trial.ts'
import { seededRandom } from '../faults/random.ts'
import { ADMIN, startApp } from '../support/app.ts'
import { seedMedia } from '../support/seed.ts'
import { followBySse, TRANSPORTS } from '../support/subscribe.ts'

// Two gateways on one database. The full count is that of `npm run test:long -- --only events`.

test('writers that hold their transactions delay nobody else, and nobody loses an event or gets one twice', async () => {
  const one = await startApp()
  const two = await one.beside()
  const [mediaId] = await seedMedia(one.app.foundation.database, { count: 1 })
  const facts = await tryEvents({
    databaseUrl: one.environment.DATABASE_URL ?? '',
    origins: [one.url, two.url],
    mediaId: mediaId as string,
    events: 1_000,
    holdMs: 500,
    cuts: 10,
    random: seededRandom(7),
  })
  process.stdout.write(`events at two gateways: ${JSON.stringify(facts)}\n`)
  await two.close()
  await one.close()
}, 60_000)

test.each(TRANSPORTS)(
  'a key that is revoked at one node loses its subscription at the other (%s)',
  async (name, follow) => {
    const one = await startApp()
    const two = await one.beside()
    const { key, secret } = await one.app.keys.create({ accountId: 'acme', scopes: ['media:read'] } as never)
    await using following = follow(two.url, {
      authorization: `Bearer mgw_${key.id}_${secret}`,
      after: Buffer.from('events:1').toString('base64url'),
    })
    const { media } = await one.upload({ bytes: Buffer.from('heard') })
    expect((await following.next()).mediaId).toBe(media.id)
    const revoked = performance.now()
    await one.query('mutation($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { code } } }', {
      id: `key_${key.id}`,
    })
    if (name === 'WebSocket') expect(await following.failed).toMatchObject({ code: 4403 })
    else {
      expect(await following.result()).toMatchObject({
        errors: [{ extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }],
      })
      expect(await following.result()).toBeNull()
    }
    process.stdout.write(`revoked key, ${name}: closed after ${Math.round(performance.now() - revoked)} ms\n`)
    await using again = follow(two.url, {
      authorization: ADMIN,
      after: Buffer.from('events:1').toString('base64url'),
    })
    expect((await again.next()).mediaId).toBe(media.id)
    await again.stop()
    await two.close()
    await one.close()
  },
  60_000,
)

test("events with transactions of another server are nobody's, and go", async () => {
  const one = await startApp()
  const { database } = one.app.foundation
  const [mediaId] = await seedMedia(database, { count: 1 })
  const insert = (xid: string) =>
    database.query(
      `INSERT INTO outbox (id, xid, account_id, type, media_id)
       VALUES (gen_random_uuid(), ${xid}, 'acme', 'media.updated', $1)`,
      [mediaId],
    )
  await insert('9000000000000000')
  await insert('pg_current_xact_id()::text::bigint')
  const after = Buffer.from('events:1').toString('base64url')
  await using following = followBySse(one.url, { authorization: ADMIN, after })
  await following.next()
  const { media } = await one.upload({ bytes: Buffer.from('next') })
  expect((await following.next()).mediaId).toBe(media.id)
  await one.app.jobs.find(({ name }) => name === 'events.prune')?.run(null, null as never)
  expect(await database.query('SELECT id FROM outbox WHERE xid > 8000000000000000')).toEqual([])
  await following.stop()
  await one.close()
})
