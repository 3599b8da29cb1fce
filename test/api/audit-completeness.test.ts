import { isObjectType } from 'graphql'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { type CommandResult, commandLine, runCommand } from '../support/command-line.ts'
import { multipart } from '../support/gql.ts'
import { ecPair } from '../support/jwt.ts'
import { replaceContent } from '../support/replace.ts'
import { routesOf } from '../support/routes.ts'
import { complete, put, ticketFor } from '../support/tickets.ts'
import { BYTES, TusByHand } from '../support/tus.ts'

/** Whatever changes something, at whatever door, is recorded, or stands here with the reason why not. */
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({
    IMPORT_FROM_URL: '127.0.0.0/8',
    WEBHOOKS_TO: '127.0.0.0/8',
    TRASH_DAYS: '0',
  })
}, 60_000)
afterAll(() => gateway.close())

interface Recorded {
  readonly principal: string
  readonly action: string
  readonly subject: string | null
  readonly rule: string | null
  readonly hasRequest: boolean
}

/** What is recorded while the work runs. */
async function recorded(work: () => Promise<unknown>): Promise<Recorded[]> {
  const { database } = gateway.app.foundation
  const [{ last }] = (await database.query(`SELECT coalesce(max(seq), 0) AS last FROM audit_event`)) as [
    { last: string },
  ]
  await work()
  return database.query<Recorded>(
    `SELECT principal, action, subject_id AS subject, rule, request_id IS NOT NULL AS "hasRequest" FROM audit_event
     WHERE seq > $1 AND outcome = 'done' ORDER BY seq`,
    [last],
  )
}

const text = (content: string) => ({ bytes: Buffer.from(content), fileName: 'f.txt', mimeType: 'text/plain' })
const newMedia = async (): Promise<string> =>
  (await gateway.upload(text(`content ${Math.random()}`))).media.id
const mutate = async (call: string, result: string) =>
  (await gateway.query(`mutation { answer: ${call} { ${result} userErrors { code message } } }`)).answer
const newCollection = async (): Promise<string> =>
  (await mutate('createCollection(input: { name: "canary" })', 'collection { id }')).collection.id
const newKey = async (): Promise<string> =>
  (await mutate('createApiKey(input: { scopes: ["media:read"] })', 'apiKey { id }')).apiKey.id
const newApplication = () => gateway.app.applications.create({ accountId: 'acme', publicKey: ecPair().pem })
const newLink = async (): Promise<string> =>
  (
    await mutate(
      `createShareLink(input: { mediaId: "${await newMedia()}", expiresIn: 60 })`,
      'shareLink { id }',
    )
  ).shareLink.id
const newHold = async (): Promise<string> =>
  (
    await mutate(
      `applyLegalHold(input: { mediaId: "${await newMedia()}", reason: "canary" })`,
      'legalHold { id }',
    )
  ).legalHold.id

const newWebhook = async (): Promise<string> =>
  (await mutate('createWebhook(input: { url: "http://127.0.0.1:9/hook" })', 'webhook { id }')).webhook.id

/** Prepares, and gives the change itself with the subject that must be recorded; null is a new thing's. */
type Case = readonly [
  action: string,
  prepare: () => Promise<readonly [subject: string | null, act: () => Promise<unknown>]>,
]

const MUTATIONS: Readonly<Record<string, Case>> = {
  uploadMedia: ['media.created', async () => [null, newMedia]],
  uploadMediaBatch: [
    'media.created',
    async () => [
      null,
      () =>
        fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: { authorization: ADMIN, 'apollo-require-preflight': 'true' },
          body: multipart(
            `mutation U($input: UploadMediaBatchInput!) { uploadMediaBatch(input: $input) { results { media { id } } } }`,
            { input: { items: [{ file: null }] } },
            { 'variables.input.items.0.file': text('batch') },
          ),
        }),
    ],
  ],
  replaceMediaContent: [
    'media.replaced',
    async () => {
      const id = await newMedia()
      return [id, () => replaceContent({ url: gateway.url, authorization: ADMIN }, text('other'), { id })]
    },
  ],
  importMedia: [
    'media.created',
    async () => [null, () => mutate(`importMedia(input: { url: "http://127.0.0.1:9/x" })`, 'media { id }')],
  ],
  createUpload: ['uploadTicket.created', async () => [null, () => ticketFor(gateway)]],
  completeUpload: [
    'media.created',
    async () => {
      const { id, putUrl } = await ticketFor(gateway)
      await put(putUrl, Buffer.from('by ticket'))
      return [null, () => complete(gateway, id)]
    },
  ],
  updateMedia: [
    'media.updated',
    async () => {
      const id = await newMedia()
      return [id, () => mutate(`updateMedia(input: { id: "${id}", title: "canary" })`, 'media { id }')]
    },
  ],
  updateMediaBatch: [
    'media.updated',
    async () => {
      const id = await newMedia()
      return [
        id,
        () =>
          mutate(
            `updateMediaBatch(input: { items: [{ id: "${id}", title: "canary" }] })`,
            'results { media { id } }',
          ),
      ]
    },
  ],
  deleteMedia: [
    'media.deleted',
    async () => {
      const id = await newMedia()
      return [id, () => mutate(`deleteMedia(input: { id: "${id}" })`, 'deletedMediaId')]
    },
  ],
  deleteMediaBatch: [
    'media.deleted',
    async () => {
      const id = await newMedia()
      return [id, () => mutate(`deleteMediaBatch(input: { ids: ["${id}"] })`, 'results { deletedMediaId }')]
    },
  ],
  restoreMedia: [
    'media.restored',
    async () => {
      const id = await newMedia()
      await mutate(`deleteMedia(input: { id: "${id}" })`, 'deletedMediaId')
      return [id, () => mutate(`restoreMedia(input: { id: "${id}" })`, 'media { id }')]
    },
  ],
  reprocessMedia: [
    'media.reprocessed',
    async () => {
      const id = await newMedia()
      return [id, () => mutate(`reprocessMedia(input: { ids: ["${id}"] })`, 'results { media { id } }')]
    },
  ],
  applyLegalHold: ['media.held', async () => [null, newHold]],
  releaseLegalHold: [
    'media.released',
    async () => {
      const id = await newHold()
      return [null, () => mutate(`releaseLegalHold(input: { id: "${id}" })`, 'legalHold { id }')]
    },
  ],
  createShareLink: ['shareLink.created', async () => [null, newLink]],
  revokeShareLink: [
    'shareLink.revoked',
    async () => {
      const id = await newLink()
      return [id, () => mutate(`revokeShareLink(input: { id: "${id}" })`, 'shareLink { id }')]
    },
  ],
  createCollection: ['collection.created', async () => [null, newCollection]],
  updateCollection: [
    'collection.updated',
    async () => {
      const id = await newCollection()
      return [
        id,
        () => mutate(`updateCollection(input: { id: "${id}", name: "canary" })`, 'collection { id }'),
      ]
    },
  ],
  deleteCollection: [
    'collection.deleted',
    async () => {
      const id = await newCollection()
      return [id, () => mutate(`deleteCollection(input: { id: "${id}" })`, 'deletedCollectionId')]
    },
  ],
  addToCollection: [
    'collection.mediaAdded',
    async () => {
      const [id, media] = [await newCollection(), await newMedia()]
      return [
        id,
        () =>
          mutate(
            `addToCollection(input: { collectionId: "${id}", mediaIds: ["${media}"] })`,
            'collection { id }',
          ),
      ]
    },
  ],
  removeFromCollection: [
    'collection.mediaRemoved',
    async () => {
      const [id, media] = [await newCollection(), await newMedia()]
      const input = `input: { collectionId: "${id}", mediaIds: ["${media}"] }`
      await mutate(`addToCollection(${input})`, 'collection { id }')
      return [id, () => mutate(`removeFromCollection(${input})`, 'collection { id }')]
    },
  ],
  createApiKey: ['key.created', async () => [null, newKey]],
  rotateApiKey: [
    'key.rotated',
    async () => {
      const id = await newKey()
      return [id, () => mutate(`rotateApiKey(input: { id: "${id}" })`, 'apiKey { id }')]
    },
  ],
  revokeApiKey: [
    'key.revoked',
    async () => {
      const id = await newKey()
      return [id, () => mutate(`revokeApiKey(input: { id: "${id}" })`, 'apiKey { id }')]
    },
  ],
  createApplication: [
    'application.created',
    async () => [
      null,
      () =>
        gateway.query(
          `mutation A($pem: String!) { createApplication(input: { name: "canary", publicKey: $pem }) { application { id } } }`,
          { pem: ecPair().pem },
        ),
    ],
  ],
  revokeApplication: [
    'application.revoked',
    async () => {
      const { id } = await newApplication()
      return [id, () => mutate(`revokeApplication(input: { id: "${id}" })`, 'application { id }')]
    },
  ],
  createWebhook: ['webhook.created', async () => [null, newWebhook]],
  updateWebhook: [
    'webhook.updated',
    async () => {
      const id = await newWebhook()
      return [id, () => mutate(`updateWebhook(input: { id: "${id}", enabled: true })`, 'webhook { id }')]
    },
  ],
  deleteWebhook: [
    'webhook.deleted',
    async () => {
      const id = await newWebhook()
      return [id, () => mutate(`deleteWebhook(input: { id: "${id}" })`, 'deletedWebhookId')]
    },
  ],
  rotateWebhookSecret: [
    'webhook.secretRotated',
    async () => {
      const id = await newWebhook()
      return [id, () => mutate(`rotateWebhookSecret(input: { id: "${id}" })`, 'webhook { id }')]
    },
  ],
  testWebhook: [
    'webhook.tested',
    async () => {
      const id = await newWebhook()
      return [id, () => mutate(`testWebhook(input: { id: "${id}" })`, 'delivery { id }')]
    },
  ],
  redeliverWebhook: [
    'webhook.redelivered',
    async () => {
      const id = await newWebhook()
      return [id, () => mutate(`redeliverWebhook(input: { id: "${id}" })`, 'count')]
    },
  ],
}

test('every mutation of the schema is here', () => {
  const type = buildGatewaySchema([]).getMutationType()
  expect(isObjectType(type) && Object.keys(type.getFields()).sort()).toEqual(Object.keys(MUTATIONS).sort())
})

test.each(Object.entries(MUTATIONS))(
  '%s is recorded, once, by who asked for it',
  async (_, [action, prepare]) => {
    const [subject, act] = await prepare()
    const rows = await recorded(act)
    const row = rows.find(each => each.action === action)
    expect(row).toMatchObject({ principal: 'key:root', rule: 'account', hasRequest: true })
    expect(rows.filter(each => each.action === action)).toHaveLength(
      action === 'media.created' ? rows.length : 1,
    )
    if (subject !== null) expect(row?.subject).toBe(subject)
    else expect(row?.subject).toMatch(/^((col|shr|whk)_)?[0-9a-f-]{36}$|^key_/)
  },
)

test('what the first time has done is not recorded again', async () => {
  const [link, key, { id: application }] = [await newLink(), await newKey(), await newApplication()]
  const again = async () => {
    await mutate(`revokeShareLink(input: { id: "${link}" })`, 'shareLink { id }')
    await mutate(`revokeApiKey(input: { id: "${key}" })`, 'apiKey { id }')
    await mutate(`revokeApplication(input: { id: "${application}" })`, 'application { id }')
  }
  expect(await recorded(again)).toHaveLength(3)
  expect(await recorded(again)).toEqual([])
})

test('what is undone is not recorded: not a dry run, not an atomic batch that was refused', async () => {
  const id = await newMedia()
  const rows = await recorded(async () => {
    await mutate(`deleteMediaBatch(input: { ids: ["${id}"], dryRun: true })`, 'results { deletedMediaId }')
    await mutate(
      `updateMediaBatch(input: { atomic: true, items: [{ id: "${id}", title: "x" }, { id: "01234567-89ab-7def-8123-456789abcdef", title: "x" }] })`,
      'results { media { id } }',
    )
  })
  expect(rows).toEqual([])
})

const ROUTES: Readonly<Record<string, string>> = {
  '/graphql': 'Its mutations are, each of them above.',
  '/graphql/stream': 'Subscriptions change nothing.',
  '/media/archive': 'It reads; a body says what.',
  '/media/:id/content': 'A download is counted, and no change.',
  '/uploads': 'Bytes that nobody can see yet; the media that they become is recorded (below).',
  '/uploads/:id':
    'Bytes that nobody can see yet, and giving them up; the media that they become is recorded (below).',
  '/uploads/tickets/:ticket':
    'Bytes that nobody can see yet: the ticket was recorded, and its completion is.',
  '/uploads/tickets/:ticket/:id': 'As /uploads/:id, for a ticket.',
}

test('every route that takes more than questions changes nothing by itself', async () => {
  const changing = (await routesOf(gateway.app)).filter(route => /^(POST|PUT|PATCH|DELETE) /.test(route))
  expect(
    [...new Set(changing.map(route => route.split(' ')[1]))].filter(path => !(String(path) in ROUTES)),
  ).toEqual([])
})

test('a resumable upload is recorded as the media that it becomes', async () => {
  const tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
  const rows = await recorded(async () => {
    const url = await tus.create(5)
    await tus.send('PATCH', url, { headers: { 'content-type': BYTES, 'upload-offset': '0' }, body: 'bytes' })
    await tus.send('DELETE', await tus.create(5))
  })
  expect(rows).toEqual([
    expect.objectContaining({ principal: 'key:root', action: 'media.created', hasRequest: true }),
  ])
})

/** What is done by each command: recorded as these actions, or not at all for the reason. */
const COMMANDS: Readonly<Record<string, readonly string[] | string>> = {
  serve: 'What it does is done by requests and jobs.',
  worker: 'What it does is done by jobs.',
  migrate: 'It changes the form of what is there, and the log itself may not be there yet.',
  'account create': ['account.created'],
  'account list': 'It reads.',
  'account quota': ['account.quotaSet'],
  'key create': ['key.created'],
  'key list': 'It reads.',
  'key rotate': ['key.rotated'],
  'key revoke': ['key.revoked'],
  'application create': ['application.created'],
  'application list': 'It reads.',
  'application revoke': ['application.revoked'],
  doctor: ['store.adopted'],
  'audit verify': 'It reads.',
  'audit export': 'It reads.',
  'audit seal': 'It seals the log, which is no change of anything that the log is about.',
  reap: ['media.removed', 'media.purged'],
  reprocess: ['media.reprocessed'],
  'retention preview': 'It reads.',
  schema: 'It reads.',
}

test('every command of the program is here', async () => {
  const commandsOf = async (...path: string[]): Promise<string[]> => {
    const { output } = await runCommand([...path, '--help'], { env: {} })
    const listed = [...(output.split('Commands:\n')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(
      ([, name = '']) => name,
    )
    const below = await Promise.all(
      listed.filter(name => name !== 'help').map(name => commandsOf(...path, name)),
    )
    return listed.length > 0 ? below.flat() : [path.join(' ')]
  }
  expect((await commandsOf()).sort()).toEqual(Object.keys(COMMANDS).sort())
})

test('what a command changes is recorded in the name of who gives it', async () => {
  const run = commandLine(gateway, ecPair().pem)
  const done = async (...args: string[]): Promise<CommandResult> => {
    const result = await run(...args)
    expect([args, result.code, result.errors]).toEqual([args, 0, expect.anything()])
    return result
  }
  await mutate(`deleteMedia(input: { id: "${await newMedia()}" })`, 'deletedMediaId')
  // There is nothing to be looked at in a text.
  await gateway.upload({
    bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
  })
  // As if their jobs had run.
  await gateway.app.foundation.database.query(
    `UPDATE media SET status = 'COMPLETED' WHERE blob_id IS NOT NULL`,
  )
  const rows = await recorded(async () => {
    await done('account', 'create', 'new')
    const { id } = (
      await done('key', 'create', '--account', 'new', '--scopes', 'media:read', '--json')
    ).json()
    await done('key', 'rotate', id)
    await done('key', 'revoke', id)
    const application = await done('application', 'create', '--account', 'new', '--public-key', '-', '--json')
    await done('application', 'revoke', application.json().id)
    await done('account', 'quota', 'new', '--items', '5')
    await done('doctor', '--adopt', 'default')
    await done('reprocess', '--which', 'all')
    await done('reap')
  })
  const expected = Object.values(COMMANDS).flatMap(actions => (typeof actions === 'string' ? [] : actions))
  expect(new Set(rows.map(({ action }) => action))).toEqual(new Set(expected))
  expect([...new Set(rows.map(({ principal }) => principal))]).toEqual([expect.stringMatching(/^cli:\S+$/)])
}, 60_000)

test('no text that people have written is in the log', async () => {
  const [row] = await gateway.app.foundation.database.query<{ log: string }>(
    `SELECT json_agg(e)::text AS log FROM audit_event e`,
  )
  expect(row?.log).toContain('media.updated')
  expect(row?.log).not.toContain('canary')
})
