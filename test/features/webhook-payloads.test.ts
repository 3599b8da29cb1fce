import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { MEDIA_EVENTS } from '../../src/features/events/media-event-type.ts'
import { MEDIA_V1 } from '../../src/features/webhooks/payload/media-v1.ts'
import {
  LATEST_VERSION,
  NOTICES,
  PAYLOAD_VERSIONS,
  payloadSchema,
} from '../../src/features/webhooks/payload/versions.ts'
import { nextStep } from '../../src/features/webhooks/sending/retry.ts'
import { type Outcome, Sender } from '../../src/features/webhooks/sending/sender.ts'
import { newSalt, WebhookSecrets } from '../../src/features/webhooks/webhook-secrets.ts'
import { projectFile } from '../support/project-file.ts'

type Verify = (headers: Record<string, string>, rawBody: string, secret: string) => unknown

/** The code that the page shows to receivers, as it stands there. */
async function documentedVerify(): Promise<{ verify: Verify; lines: number; remove(): Promise<void> }> {
  const [, code = ''] = /```js\n(import[\s\S]+?)```/.exec(await projectFile('docs/webhooks.md')) ?? []
  const folder = await mkdtemp(join(tmpdir(), 'webhook-page-'))
  await writeFile(join(folder, 'verify.mjs'), code)
  const { verify } = await import(pathToFileURL(join(folder, 'verify.mjs')).href)
  const body = code.split('\n').filter(line => line.trim() !== '')
  return { verify, lines: body.length, remove: () => rm(folder, { recursive: true }) }
}

describe('the documented lines of a receiver', () => {
  const secrets = new WebhookSecrets({ pepper: 'pepper for tests only' })
  const [salt, other] = [newSalt(), newSalt()]
  const now = Math.floor(Date.now() / 1000)
  const message = { id: 'e', timestamp: now, body: '{"name":"Łódź 🌊"}' }
  const sent = (over: Record<string, string> = {}, salts = [salt]) => ({
    'webhook-id': 'e',
    'webhook-timestamp': String(now),
    'webhook-signature': secrets.signatures('w', salts, message),
    ...over,
  })

  test('take what is ours, also while the secret is replaced, and refuse everything else', async () => {
    const { verify, lines, remove } = await documentedVerify()
    const secret = secrets.shown('w', salt)
    expect(lines).toBeLessThanOrEqual(10)
    expect(verify(sent(), message.body, secret)).toEqual(JSON.parse(message.body))
    expect(verify(sent({}, [other, salt]), message.body, secret)).toEqual(JSON.parse(message.body))
    const refused: [Record<string, string>, string, string][] = [
      [sent(), `${message.body} `, secret],
      [sent(), message.body, secrets.shown('w', other)],
      [sent(), message.body, secrets.shown('another webhook', salt)],
      [sent({ 'webhook-id': 'f' }), message.body, secret],
      [sent({ 'webhook-timestamp': String(now + 1) }), message.body, secret],
      [sent({ 'webhook-timestamp': String(now - 600) }), message.body, secret],
      [sent({ 'webhook-timestamp': 'x' }), message.body, secret],
      [sent({ 'webhook-signature': 'v1,' }), message.body, secret],
      [sent({ 'webhook-signature': '' }), message.body, secret],
    ]
    for (const [headers, body, by] of refused) expect(() => verify(headers, body, by)).toThrow()
    await remove()
  })

  test('get a secret of at least 24 bytes that no other pepper, webhook or salt gives', () => {
    const all = [
      secrets.shown('w', salt),
      secrets.shown('v', salt),
      secrets.shown('w', other),
      new WebhookSecrets({ pepper: 'another' }).shown('w', salt),
    ]
    expect(new Set(all).size).toBe(4)
    for (const secret of all) expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32)
  })
})

describe('schemas of payloads', () => {
  const validate = () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    addFormats.default(ajv)
    return ajv.compile(payloadSchema(LATEST_VERSION) as object)
  }
  const event = {
    id: '01a2265d-9bf5-7791-8086-b454658bd971',
    version: 1,
    timestamp: '2026-11-29T08:13:18.429Z',
  }
  const mediaId = '01a2265d-9b10-7540-9751-541323b24de5'

  test.each([...PAYLOAD_VERSIONS.keys()])(
    'version %d in docs/webhooks is what the tables say; "npm run docs" writes it',
    async version => {
      expect(JSON.parse(await projectFile(`docs/webhooks/v${version}.json`))).toEqual(payloadSchema(version))
    },
  )

  test('name every kind of event, whatever kinds there are', () => {
    const valid = validate()
    for (const { recorded } of MEDIA_EVENTS)
      expect([recorded, valid({ ...event, type: recorded, data: { mediaId, media: null } })]).toEqual([
        recorded,
        true,
      ])
    expect(valid({ ...event, type: 'webhook.test', data: { webhookId: 'whk_x' } })).toBe(true)
    expect(Object.keys(NOTICES)).toHaveLength(3)
  })

  test('refuse what a receiver could not rely on', () => {
    const valid = validate()
    const type = 'media.created'
    for (const wrong of [
      { ...event, type, data: { mediaId } },
      { ...event, type, data: { mediaId: 'x', media: null } },
      { ...event, type, data: { mediaId, media: { id: mediaId } } },
      { ...event, type: 'media.invented', data: { mediaId, media: null } },
      { ...event, version: 2, type, data: { mediaId, media: null } },
      { ...event, type: 'webhook.disabled', data: { webhookId: 'whk_x' } },
    ])
      expect([wrong, valid(wrong)]).toEqual([wrong, false])
  })

  test('promise nothing that gives access, and no free text', () => {
    const names = Object.keys(MEDIA_V1).join()
    expect(names).not.toMatch(/url|description|metadata|placeholder|geolocation|cacheControl/i)
  })
})

const failed = (more: Partial<Outcome> = {}): Outcome => ({
  result: 'refused',
  status: 500,
  error: 'x',
  milliseconds: 1,
  retryAfter: null,
  ...more,
})

test.each([
  ['the first pause, shortened by a fifth', 1, failed(), 0, { retryIn: 4, pause: 0 }],
  ['the first pause, lengthened by a fifth', 1, failed(), 1, { retryIn: 6, pause: 0 }],
  ['the second pause', 2, failed(), 0.5, { retryIn: 30, pause: 0 }],
  ['nothing behind the last pause', 3, failed(), 0.5, { retryIn: null, pause: 0 }],
  [
    'no pause behind 410, not even the last time',
    3,
    failed({ result: 'gone', status: 410 }),
    0.5,
    { retryIn: 0, pause: 0 },
  ],
  ['what is asked for, where that is longer', 1, failed({ retryAfter: 60 }), 0.5, { retryIn: 60, pause: 0 }],
  ['our own pause, where that is longer', 2, failed({ retryAfter: 1 }), 0.5, { retryIn: 30, pause: 0 }],
  ['a day, where more is asked for', 1, failed({ retryAfter: 1e9 }), 0.5, { retryIn: 86_400, pause: 0 }],
  [
    'a pause for the whole webhook',
    1,
    failed({ status: 429, retryAfter: 90 }),
    0.5,
    { retryIn: 90, pause: 90 },
  ],
  [
    'an hour of it at the most',
    1,
    failed({ status: 503, retryAfter: 1e5 }),
    0.5,
    { retryIn: 86_400, pause: 3_600 },
  ],
] as const)('a failed attempt is followed by %s', (_, attempts, outcome, random, step) => {
  expect(nextStep(attempts, outcome, { pauses: [5, 30], random: () => random })).toEqual(step)
})

test('a date in Retry-After is as good as seconds, and what is neither asks for nothing', async () => {
  const now = new Date('2026-11-29T08:00:00Z')
  const ask = async (retryAfter: string) => {
    const answer = Object.assign(
      (async function* () {
        yield Buffer.alloc(0)
      })(),
      { statusCode: 503, headers: { 'retry-after': retryAfter }, destroy: () => undefined },
    )
    const sender = new Sender({ outgoing: { open: async () => answer as never }, clock: { now: () => now } })
    return (await sender.send({ url: 'https://x/', headers: {}, body: '' })).retryAfter
  }
  expect(await ask('120')).toBe(120)
  expect(await ask('Sun, 29 Nov 2026 08:05:00 GMT')).toBe(300)
  expect(await ask('Sun, 29 Nov 2026 07:00:00 GMT')).toBe(0)
  expect(await ask('soon')).toBeNull()
})
