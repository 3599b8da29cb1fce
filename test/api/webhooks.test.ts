import { randomUUID } from 'node:crypto'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { answers, type Receiver, startReceiver, takes } from '../support/receiver.ts'
import { at, FIELDS, settled, webhookTools } from '../support/webhooks.ts'

/** What an administrator does with webhooks, and what is told and kept of their deliveries. */
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

describe('a webhook', () => {
  test('is found by its id and in the list, without its secret, which nothing holds', async () => {
    const { id, secret } = await newWebhook({ eventTypes: ['HELD'], filter: { kind: ['IMAGE'] } })
    const list = `{ webhooks(first: 5) { totalCount nodes { ${FIELDS} deliveries { totalCount } } pageInfo { hasNextPage } } }`
    const { webhooks } = await gateway.query(list)
    expect(webhooks).toEqual({
      totalCount: 1,
      nodes: [
        {
          id,
          url: expect.stringContaining(receiver.url),
          description: '',
          eventTypes: ['HELD'],
          filter: { kind: ['IMAGE'] },
          payloadVersion: 1,
          createdBy: 'key:root',
          disabledAt: null,
          disabledReason: null,
          failingSince: null,
          oldSecretUntil: null,
          missedEventsAt: null,
          deliveries: { totalCount: 0 },
        },
      ],
      pageInfo: { hasNextPage: false },
    })
    const rows = JSON.stringify(await sql('SELECT w::text AS row FROM webhook w'))
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    for (const form of [secret.slice(6, -2), key.toString('hex')])
      expect([rows.includes(form), JSON.stringify(gateway.log).includes(form)]).toEqual([false, false])
  })

  test('is made once by a request that comes twice', async () => {
    const input = { url: `${receiver.url}/once`, idempotencyKey: 'once' }
    const [one, two] = [
      await mutate('createWebhook', input, 'webhook { id } secret'),
      await mutate('createWebhook', input, 'webhook { id } secret'),
    ]
    expect([two.webhook.id, two.secret]).toEqual([one.webhook.id, null])
    const test = { id: one.webhook.id, idempotencyKey: 'test' }
    const [first, again] = [
      await mutate('testWebhook', test, 'delivery { id }'),
      await mutate('testWebhook', test, 'delivery { id }'),
    ]
    expect(again).toEqual(first)
  })

  test('is changed in part, and cleared by null', async () => {
    const { id } = await newWebhook({ description: 'x', eventTypes: ['HELD'], filter: { kind: ['IMAGE'] } })
    const change = async (input: object) =>
      (
        await mutate(
          'updateWebhook',
          { id, ...input },
          `webhook { description eventTypes filter disabledReason }`,
        )
      ).webhook
    expect(await change({ description: 'y' })).toEqual({
      description: 'y',
      eventTypes: ['HELD'],
      filter: { kind: ['IMAGE'] },
      disabledReason: null,
    })
    expect(await change({ description: null, eventTypes: null, filter: null, enabled: false })).toEqual({
      description: '',
      eventTypes: null,
      filter: null,
      disabledReason: 'REQUESTED',
    })
  })

  test.each([
    ['http on the internet', { url: 'http://hooks.example.com/' }, 'URL_NOT_ALLOWED'],
    ['another port', { url: 'https://hooks.example.com:8443/' }, 'URL_NOT_ALLOWED'],
    ['a password', { url: 'https://a:b@hooks.example.com/' }, 'URL_NOT_ALLOWED'],
    ['a private address', { url: 'https://10.0.0.1/' }, 'delivered to nobody'],
    ['no event type', { eventTypes: [] }, 'INVALID_INPUT'],
    ['a filter of what is deleted', { filter: { deleted: true } }, 'INVALID_INPUT'],
    ['a version that there is not', { payloadVersion: 7 }, 'INVALID_INPUT'],
    ['a long description', { description: 'x'.repeat(501) }, 'INVALID_INPUT'],
  ])('is refused: %s', async (_why, input, code) => {
    const url = 'https://hooks.example.com/'
    const { webhook, userErrors } = await mutate('createWebhook', { url, ...input }, 'webhook { id } secret')
    if (code !== 'delivered to nobody') expect(userErrors).toMatchObject([{ code }])
    else {
      await mutate('testWebhook', { id: webhook.id }, 'delivery { id }')
      const [delivery] = await deliveriesWhen(webhook.id, ([one]) => one?.attempts.length === 1)
      expect(delivery?.attempts[0]?.error).toBe(
        'The URL leads to a place that this gateway does not send to.',
      )
    }
  })

  test('of which an account has twenty is refused, also when many are made at once', async () => {
    const url = `${receiver.url}/many`
    const made = await Promise.all(
      Array.from({ length: 25 }, () => mutate('createWebhook', { url }, 'webhook { id }')),
    )
    const refused = made.flatMap(({ userErrors }) => userErrors)
    expect(refused.map(({ code }) => code)).toEqual(Array(5).fill('TOO_MANY_WEBHOOKS'))
  })

  test('of another account is not there, whatever is tried, and hears nothing', async () => {
    const { id } = await newWebhook()
    const foreign = await mutate(
      'createWebhook',
      { url: `${receiver.url}/foreign` },
      'webhook { id }',
      FOREIGN,
    )
    await upload()
    const [delivery] = await deliveriesWhen(id, settled)
    const outcomes = []
    for (const [name, named] of [
      ['updateWebhook', id],
      ['deleteWebhook', id],
      ['rotateWebhookSecret', id],
      ['testWebhook', id],
      ['redeliverWebhook', id],
      ['redeliverWebhook', delivery?.id],
    ] as const) {
      const never = `${named?.slice(0, 4)}${randomUUID()}`
      const [theirs, nobodys] = [
        await mutate(name, { id: named }, '__typename', FOREIGN),
        await mutate(name, { id: never }, '__typename', FOREIGN),
      ]
      expect(theirs).toEqual(nobodys)
      outcomes.push(theirs.userErrors[0].code)
    }
    expect(outcomes).toEqual(Array(6).fill('NOT_FOUND'))
    const { nodes, webhooks } = await gateway
      .as(FOREIGN)
      .query(
        `query($ids: [ID!]!) { nodes(ids: $ids) { id } webhooks { nodes { id deliveries { totalCount } } } }`,
        {
          ids: [id, delivery?.id],
        },
      )
    expect(nodes).toEqual([null, null])
    expect(webhooks.nodes).toEqual([{ id: foreign.webhook.id, deliveries: { totalCount: 0 } }])
    expect(receiver.received.filter(at('/foreign'))).toEqual([])
  })

  test('that was away for longer than events are kept is told of the gap, once, and of what is left', async () => {
    const { id, path } = await newWebhook()
    await mutate('updateWebhook', { id, enabled: false }, 'webhook { id }')
    const [lost, kept] = [await upload(), await upload()]
    await sql(`UPDATE outbox SET occurred_at = now() - interval '30 days' WHERE media_id = $1`, [lost])
    await gateway.app.jobs.find(({ name }) => name === 'events.prune')?.run(null, null as never)
    await mutate('updateWebhook', { id, enabled: true }, 'webhook { id }')
    await receiver.until(one => at(path)(one) && one.body.data.mediaId === kept)
    await deliveriesWhen(id, settled)
    await upload()
    const all = await deliveriesWhen(id, deliveries => deliveries.length >= 3 && settled(deliveries))
    expect(all.map(({ type, mediaId }) => [type, mediaId]).filter(([, media]) => media === lost)).toEqual([])
    expect(all.filter(({ type }) => type === 'webhook.gap')).toHaveLength(1)
    const { webhooks } = await gateway.query(`{ webhooks { nodes { missedEventsAt } } }`)
    expect(webhooks.nodes[0].missedEventsAt).toEqual(expect.any(String))
  })
})

test('what waits, what is dead and how attempts end is told by metrics', async () => {
  const { id } = await newWebhook()
  receiver.answer(answers(500))
  await upload()
  await deliveriesWhen(id, settled)
  const text = await gateway.app.foundation.metrics.text()
  expect(text).toMatch(/^media_gateway_webhook_dead_letters 1$/m)
  expect(text).toMatch(/^media_gateway_webhook_deliveries_waiting 0$/m)
  expect(text).toMatch(/^media_gateway_webhook_oldest_waiting_seconds 0$/m)
  expect(text).toMatch(/^media_gateway_webhook_attempt_seconds_count\{result="refused"\} \d+$/m)
})

test('deliveries that were settled long ago go, and what waits stays', async () => {
  const { id } = await newWebhook()
  await upload()
  await deliveriesWhen(id, settled)
  await sql(`UPDATE webhook_delivery SET settled_at = now() - interval '8 days'`)
  await mutate('updateWebhook', { id, enabled: false }, 'webhook { id }')
  await sql(
    `INSERT INTO webhook_delivery (id, webhook_id, event_id, type, occurred_at)
     SELECT gen_random_uuid(), id, gen_random_uuid(), 'webhook.test', now() - interval '30 days' FROM webhook`,
  )
  await gateway.app.jobs.find(({ name }) => name === 'webhooks.forget')?.run(null, null as never)
  expect((await deliveriesWhen(id, () => true)).map(({ state }) => state)).toEqual(['WAITING'])
})

test('where webhooks are off none is made', async () => {
  const off = await gateway.beside({ WEBHOOKS_TO: 'off' })
  const answer = await fetch(`${off.url}/graphql`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation { createWebhook(input: { url: "https://example.com/" }) { userErrors { code } } }`,
    }),
  })
  expect(await answer.json()).toMatchObject({
    data: { createWebhook: { userErrors: [{ code: 'WEBHOOKS_OFF' }] } },
  })
  await off.close()
})
