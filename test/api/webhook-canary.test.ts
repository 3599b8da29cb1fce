import { startApp, type TestApp } from '../support/app.ts'
import { type Origin, startOrigin } from '../support/origin.ts'
import { PRIVATE_SPELLINGS } from '../support/private-addresses.ts'

/** Listens on every address of this machine: a connection from anywhere is seen. */
let canary: Origin
/** The one place that may be sent to, and leads on to what may not. */
let friend: Origin
let gateway: TestApp
let port: string
beforeAll(async () => {
  canary = await startOrigin('::')
  port = new URL(canary.url).port
  friend = await startOrigin('127.0.0.3')
  gateway = await startApp({
    // Names are allowed at this port: what refuses them is their address.
    WEBHOOKS_TO: `public, localhost:${port}, *.localhost:${port}, 127.0.0.3/32`,
    WEBHOOK_RETRY_SECONDS: '1',
  })
  gateway.app.webhooks.start()
})
afterAll(async () => {
  await gateway.app.webhooks.stop()
  await gateway.close()
  canary.close()
  friend.close()
})

const PATIENCE_MS = 40_000

/** Makes a webhook, tries it, and gives why nothing was sent. */
async function outcome(url: string): Promise<string> {
  await gateway.app.foundation.database.query('DELETE FROM webhook')
  const { createWebhook } = await gateway.query(
    `mutation($url: String!) { createWebhook(input: { url: $url }) { webhook { id } userErrors { code } } }`,
    { url },
  )
  if (!createWebhook.webhook) return createWebhook.userErrors[0].code
  const { id } = createWebhook.webhook
  const { testWebhook } = await gateway.query(
    `mutation($id: ID!) { testWebhook(input: { id: $id }) { delivery { id } } }`,
    { id },
  )
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
    const { node } = await gateway.query(
      `query($id: ID!) { node(id: $id) { ... on WebhookDelivery { attempts { error status } } } }`,
      { id: testWebhook.delivery.id },
    )
    if (node.attempts.length > 0) return node.attempts[0].error
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return 'nothing was tried'
}

const NOT_ALLOWED = 'The URL leads to a place that this gateway does not send to.'
const NOT_REACHED = 'The receiver could not be reached, or did not answer as a server should.'

test.each(PRIVATE_SPELLINGS)('%s is sent nothing, neither by http nor by https', async host => {
  for (const scheme of ['http', 'https'])
    expect(['URL_NOT_ALLOWED', NOT_ALLOWED, NOT_REACHED]).toContain(
      await outcome(`${scheme}://${host}:${port}/`),
    )
  expect(canary.seen.connections).toBe(0)
})

test('a redirect is not followed, wherever it leads', async () => {
  friend.answer(
    (_, response) => void response.writeHead(307, { location: `http://127.0.0.3:${port}/` }).end(),
  )
  expect(await outcome(friend.url)).toBe(
    'The receiver has answered with a redirect, which is not followed (status 307).',
  )
  expect(canary.seen.connections).toBe(0)
})

test('the canary would have been heard', async () => {
  await fetch(`http://127.0.0.1:${port}/`)
  expect(canary.seen.connections).toBe(1)
})
