import type { ServerResponse } from 'node:http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { Webhook } from 'standardwebhooks'
import { MEDIA_V1 } from '../../src/features/webhooks/payload/media-v1.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { answers, type Receiver, startReceiver, takes } from '../support/receiver.ts'
import { seedMedia } from '../support/seed.ts'
import { at, DELIVERY, FIELDS, settled, webhookTools } from '../support/webhooks.ts'

/** What receivers of webhooks get, and what becomes of it when they do not take it. */
let gateway: TestApp
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
  gateway = await startApp({ WEBHOOKS_TO: 'public, 127.0.0.1', WEBHOOK_RETRY_SECONDS: '1,1' })
  gateway.app.webhooks.start()
})
afterAll(async () => {
  await gateway.app.webhooks.stop()
  await gateway.close()
  receiver.close()
})
afterEach(async () => {
  receiver.answer(takes)
  await sql('DELETE FROM webhook')
})

const { sql, mutate, newWebhook, upload, deliveriesWhen } = webhookTools(
  () => gateway,
  () => receiver,
)
const update = (id: string, title: string) => mutate('updateMedia', { id, title }, 'media { id }')

describe('what is sent', () => {
  test('is valid by the schema that the gateway serves to everybody, whatever it is about', async () => {
    const answer = await fetch(`${gateway.url}/webhooks/schemas/v1.json`)
    expect(answer.headers.get('content-type')).toMatch(/^application\/schema\+json/)
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    addFormats.default(ajv)
    const validate = ajv.compile((await answer.json()) as object)
    const { id, path } = await newWebhook()
    const mediaId = await upload({ conversationId: 'c', groupIds: ['g'], tags: ['t'] })
    await update(mediaId, 'x')
    await mutate('testWebhook', { id }, 'delivery { id }')
    await receiver.until(one => at(path)(one) && one.body.type === 'webhook.test')
    await mutate('deleteMedia', { id: mediaId }, 'deletedMediaId')
    await receiver.until(one => at(path)(one) && one.body.type === 'media.deleted')
    const bodies = receiver.received.filter(at(path)).map(({ body }) => body)
    expect(bodies).toHaveLength(4)
    for (const body of bodies) expect([body, validate(body), validate.errors]).toEqual([body, true, null])
    const media = bodies.find(({ data }) => data.media)?.data.media
    expect(Object.keys(media)).toEqual(Object.keys(MEDIA_V1))
    for (const path of ['/webhooks/schemas/v2.json', '/webhooks/schemas/vx.json'])
      expect((await fetch(gateway.url + path)).status).toBe(404)
  })

  test('is the event and the media as it is now, signed so that an independent library verifies it', async () => {
    const { id, secret, path } = await newWebhook({ description: 'for the search index' })
    const mediaId = await upload({ title: 'Sea', tags: ['blue'], metadata: { hidden: 'value' } })
    const { headers, raw, body } = await receiver.until(at(path))
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'media-gateway' })
    expect(new Webhook(secret).verify(raw, headers as never)).toEqual(body)
    expect(() => new Webhook(secret).verify(`${raw} `, headers as never)).toThrow()
    const foreign = `whsec_${Buffer.alloc(32).toString('base64')}`
    expect(() => new Webhook(foreign).verify(raw, headers as never)).toThrow()
    expect(body).toMatchObject({
      id: headers['webhook-id'],
      type: 'media.created',
      version: 1,
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        mediaId,
        media: { id: mediaId, title: 'Sea', tags: ['blue'], kind: 'DOCUMENT', ownerId: null },
      },
    })
    expect(raw).not.toContain('hidden')
    const [delivery] = await deliveriesWhen(id, settled)
    expect(delivery).toMatchObject({
      eventId: body.id,
      type: 'media.created',
      mediaId,
      state: 'DELIVERED',
      attemptCount: 1,
      attempts: [{ status: 204, error: null }],
      nextAttemptAt: null,
    })
    const { node } = await gateway.query(
      `query($id: ID!) { node(id: $id) { id ... on WebhookDelivery { type } } }`,
      {
        id: delivery?.id,
      },
    )
    expect(node).toEqual({ id: delivery?.id, type: 'media.created' })
  })

  test('is an event of the types, and of the media, that the webhook wants', async () => {
    const { path } = await newWebhook({
      eventTypes: ['UPDATED', 'DELETED'],
      filter: { tag: ['wanted'], createdAt: { gt: '2020-01-01T00:00:00Z' } },
    })
    const other = await upload({ tags: ['other'] })
    const wanted = await upload({ tags: ['wanted'] })
    for (const id of [other, wanted]) await update(id, 'x')
    await mutate('deleteMedia', { id: wanted }, 'deletedMediaId')
    const last = await receiver.until(one => one.path === path && one.body.type === 'media.deleted')
    expect(last.body.data).toEqual({ mediaId: wanted, media: null })
    expect(receiver.received.filter(at(path)).map(({ body }) => [body.type, body.data.mediaId])).toEqual([
      ['media.updated', wanted],
      ['media.deleted', wanted],
    ])
  })

  test('is signed by the old secret, too, for a day after a rotation, and not when it is to end at once', async () => {
    const { id, secret, path } = await newWebhook()
    const rotated = await mutate('rotateWebhookSecret', { id }, 'webhook { oldSecretUntil } secret')
    expect(Date.parse(rotated.webhook.oldSecretUntil) - Date.now()).toBeGreaterThan(86_000_000)
    await mutate('testWebhook', { id }, 'delivery { id }')
    const both = await receiver.until(at(path))
    expect(both.body).toMatchObject({ type: 'webhook.test', data: { webhookId: id } })
    for (const each of [secret, rotated.secret])
      expect(new Webhook(each).verify(both.raw, both.headers as never)).toEqual(both.body)
    const last = await mutate(
      'rotateWebhookSecret',
      { id, keepOldForSeconds: 0 },
      'webhook { oldSecretUntil } secret',
    )
    expect(last.webhook.oldSecretUntil).toBeNull()
    await mutate('testWebhook', { id }, 'delivery { id }')
    const one = await receiver.until(it => it.path === path && it.body.id !== both.body.id)
    expect(new Webhook(last.secret).verify(one.raw, one.headers as never)).toEqual(one.body)
    expect(() => new Webhook(rotated.secret).verify(one.raw, one.headers as never)).toThrow()
  })

  test('is nothing of a change that was rolled back', async () => {
    const { path } = await newWebhook()
    const [mediaId] = await seedMedia(gateway.app.foundation.database, { count: 1 })
    const insert = `INSERT INTO outbox (id, xid, account_id, type, media_id)
      VALUES (gen_random_uuid(), pg_current_xact_id()::text::bigint, 'acme', 'media.updated', $1)`
    await gateway.app.foundation.database
      .transaction(async tx => {
        await tx.query(insert, [mediaId])
        throw new Error('rolled back')
      })
      .catch(() => undefined)
    await sql(insert, [mediaId])
    await receiver.until(at(path))
    expect(receiver.received.filter(at(path))).toHaveLength(1)
  })
})

describe('a receiver that does not take it', () => {
  test('is asked again, and what comes later about the media waits, while others go on', async () => {
    const { id, path } = await newWebhook()
    let refusals = 2
    const [first, second] = [await upload(), await upload()]
    await deliveriesWhen(id, all => all.length === 2 && settled(all))
    receiver.answer((one, response) => {
      const fails = one.body.data.mediaId === first && refusals-- > 0
      response.writeHead(fails ? 500 : 200, fails ? { 'retry-after': '0' } : {}).end('secret of the receiver')
    })
    await update(first, 'a')
    await receiver.until(one => at(path)(one) && one.body.type === 'media.updated')
    await update(first, 'b')
    await update(second, 'c')
    const all = await deliveriesWhen(id, deliveries => deliveries.length === 5 && settled(deliveries))
    const updates = receiver.received.filter(one => at(path)(one) && one.body.type === 'media.updated')
    const ofFirst = updates.filter(({ body }) => body.data.mediaId === first).map(({ body }) => body.id)
    expect(ofFirst).toHaveLength(4)
    expect([new Set(ofFirst.slice(0, 3)).size, ofFirst[3] === ofFirst[0]]).toEqual([1, false])
    const others = updates.map(({ body }) => body.data.mediaId)
    expect(others.indexOf(second)).toBeLessThan(others.lastIndexOf(first))
    const retried = all.find(({ attemptCount }) => attemptCount === 3)
    expect(retried?.attempts.map(({ status, error }) => [status, error])).toEqual([
      [500, 'The receiver has answered with a refusal (status 500).'],
      [500, 'The receiver has answered with a refusal (status 500).'],
      [200, null],
    ])
    expect(JSON.stringify(all)).not.toContain('secret of the receiver')
  })

  test('is given up after the last attempt: a dead letter holds up nothing, and can be sent again', async () => {
    const { id, path } = await newWebhook()
    receiver.answer(answers(302, { location: `${receiver.url}/elsewhere` }))
    const mediaId = await upload()
    const [dead] = await deliveriesWhen(id, settled)
    expect(dead).toMatchObject({ state: 'DEAD', attemptCount: 3 })
    expect(dead?.attempts[0]?.error).toBe(
      'The receiver has answered with a redirect, which is not followed (status 302).',
    )
    expect(receiver.received.filter(at('/elsewhere'))).toEqual([])
    receiver.answer(takes)
    await update(mediaId, 'later')
    await receiver.until(one => at(path)(one) && one.body.type === 'media.updated')
    const again = await mutate('redeliverWebhook', { id }, 'count delivery { id }')
    expect(again).toEqual({ count: 1, delivery: null, userErrors: [] })
    await deliveriesWhen(id, all => all.length === 2 && all.every(({ state }) => state === 'DELIVERED'))
    const last = receiver.received.filter(at(path)).at(-1)
    expect(last?.body).toMatchObject({ id: dead?.eventId, data: { media: { title: 'later' } } })
    const one = await mutate('redeliverWebhook', { id: dead?.id }, `count delivery { ${DELIVERY} }`)
    expect(one).toMatchObject({ count: 1, delivery: { id: dead?.id } })
    await deliveriesWhen(id, all => all.every(({ state }) => state === 'DELIVERED'))
    expect(receiver.received.filter(one => one.body.id === dead?.eventId)).toHaveLength(5)
  })

  test('is left in peace when it is gone, the others of the account are told, and it goes on where it stood', async () => {
    const { id, path } = await newWebhook()
    const witness = await newWebhook({ eventTypes: ['DELETED'] })
    receiver.answer((one, response) => void response.writeHead(one.path === path ? 410 : 204).end())
    const mediaId = await upload()
    await Promise.all([upload(), upload(), upload()])
    const notice = await receiver.until(at(witness.path))
    expect(notice.body).toMatchObject({ type: 'webhook.disabled', data: { webhookId: id, reason: 'GONE' } })
    const { node } = await gateway.query(
      `query($id: ID!) { node(id: $id) { ... on Webhook { ${FIELDS} } } }`,
      { id },
    )
    expect(node).toMatchObject({ disabledReason: 'GONE', failingSince: expect.any(String) })
    expect((await mutate('testWebhook', { id }, 'delivery { id }')).userErrors).toMatchObject([
      { __typename: 'ConflictError', code: 'WEBHOOK_DISABLED' },
    ])
    await update(mediaId, 'unheard')
    receiver.answer(takes)
    const { webhook } = await mutate('updateWebhook', { id, enabled: true }, `webhook { ${FIELDS} }`)
    expect(webhook).toMatchObject({ disabledAt: null, failingSince: null })
    const heard = await receiver.until(one => at(path)(one) && one.body.type === 'media.updated')
    expect(heard.body.data.media.title).toBe('unheard')
    // What was under way to it when it was gone is not lost either.
    const all = await deliveriesWhen(id, deliveries => deliveries.length === 5 && settled(deliveries))
    expect(all.map(({ state }) => state)).toEqual(Array(5).fill('DELIVERED'))
  })

  test('is disabled when it has taken nothing for days', async () => {
    const { id } = await newWebhook()
    receiver.answer(answers(500))
    await sql(`UPDATE webhook SET failures = 9, failing_since = now() - interval '4 days'`)
    await upload()
    await deliveriesWhen(id, ([one]) => one?.attempts.length === 1)
    const { node } = await gateway.query(
      `query($id: ID!) { node(id: $id) { ... on Webhook { ${FIELDS} } } }`,
      { id },
    )
    expect(node).toMatchObject({ disabledReason: 'FAILING' })
    expect(gateway.log.findLast(line => line.msg === 'a webhook was disabled')).toMatchObject({
      webhook: id,
      reason: 'FAILING',
    })
  })

  test('is not disabled by its first failure behind days on which nothing waited for it', async () => {
    const { id } = await newWebhook()
    receiver.answer(answers(500))
    await upload()
    await deliveriesWhen(id, settled)
    await sql(`UPDATE webhook SET failing_since = failing_since - interval '4 days'`)
    await upload()
    await deliveriesWhen(id, all => all.length === 2 && all.every(({ attempts }) => attempts.length > 0))
    const { node } = await gateway.query(
      `query($id: ID!) { node(id: $id) { ... on Webhook { ${FIELDS} } } }`,
      { id },
    )
    expect(node).toMatchObject({ disabledReason: null })
  })

  test('may ask for time by Retry-After, for all that is meant for it', async () => {
    const { id, path } = await newWebhook()
    receiver.answer(answers(429, { 'retry-after': '3000' }))
    await upload()
    await receiver.until(at(path))
    const [first] = await deliveriesWhen(id, ([one]) => one?.attempts.length === 1)
    expect(Date.parse(first?.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(2_900_000)
    await upload()
    await deliveriesWhen(id, all => all.length === 2)
    const [row] = await sql<{ wait: number }>(
      'SELECT extract(epoch FROM paused_until - now())::float8 AS wait FROM webhook',
    )
    expect(row?.wait).toBeGreaterThan(2_900)
    expect(receiver.received.filter(at(path))).toHaveLength(1)
  })
})

test('a receiver that stalls is sent eight requests at once, for which no connection of the database waits', async () => {
  const { id, path } = await newWebhook({ eventTypes: ['CREATED'] })
  const stalled: ServerResponse[] = []
  receiver.answer((_, response) => void stalled.push(response))
  for (let i = 0; i < 10; i++) await upload()
  await receiver.until((_, all) => all.filter(at(path)).length === 8)
  // All that is due is looked at once more, and is no more than that.
  await deliveriesWhen(id, all => all.length === 10)
  const { pool } = gateway.app.foundation.database
  const other = await newWebhook()
  await mutate('testWebhook', { id: other.id }, 'delivery { id }')
  await receiver.until(at(other.path))
  expect(receiver.received.filter(at(path))).toHaveLength(8)
  await sql('SELECT 1')
  expect([pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0])
  receiver.answer(takes)
  for (const response of stalled) response.writeHead(200).end()
  const all = await deliveriesWhen(id, settled)
  expect(all.map(({ state }) => state)).toEqual(Array(10).fill('DELIVERED'))
})
