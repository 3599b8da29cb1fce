import { isObjectType } from 'graphql'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import type { StorageKey } from '../../src/platform/storage/key.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { changeTools } from '../support/changes.ts'
import { type CommandResult, commandLine, runCommand } from '../support/command-line.ts'
import { ecPair } from '../support/jwt.ts'
import { routesOf } from '../support/routes.ts'
import { BYTES, TusByHand } from '../support/tus.ts'
import { recordedMutations } from './recorded-mutations.ts'

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

const { mutate, newMedia, newKey, newApplication, newLink } = changeTools(() => gateway)

const MUTATIONS = recordedMutations(() => gateway)

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
  '/api/v2/users/:accountId/media/*': 'The media that it makes, changes or deletes is recorded (below).',
  '/graphql': 'Its mutations are, each of them above.',
  '/graphql/stream': 'Subscriptions change nothing.',
  '/media/archive': 'It reads; a body says what.',
  '/media/:id/content': 'A download is counted, and no change.',
  '/uploads': 'Bytes that nobody can see yet; the media that they become is recorded (below).',
  '/uploads/:id':
    'Bytes that nobody can see yet, and giving them up; the media that they become is recorded (below).',
  '/uploads/tickets/:ticket':
    'Bytes that nobody can see yet: the ticket was recorded, and its completion is.',
  '/api/v3/medias/:mediaId': 'Its changes and deletions are those of GraphQL, and recorded as such (below).',
  '/uploads/tickets/:ticket/:id': 'As /uploads/:id, for a ticket.',
  '/api/media': 'What it makes is recorded (below).',
  '/api/media/': 'As /api/media.',
  '/api/media/:id': 'What it deletes is recorded (below).',
  '/v3/media': 'What it makes is recorded (below).',
  '/v3/media/': 'As /v3/media.',
  '/v3/media/:id': 'What it changes and deletes is recorded (below).',
  '/v3/media/:id/info': 'What it changes is recorded (below).',
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

/** A deletion without a trash. */
const GONE = ['media.deleted', 'media.purged']

test('what is done by the Bandwidth media API is recorded as what it is', async () => {
  const url = `${gateway.url}/api/v2/users/acme/media/recorded`
  const call = (method: string, body?: string, more = {}) =>
    fetch(url, { method, body, headers: { authorization: ADMIN, ...more } })
  const rows = await recorded(async () => {
    await call('PUT', 'one')
    await call('PUT', 'two', { 'cache-control': 'no-cache' })
    await call('DELETE')
    await call('DELETE')
  })
  const actions = ['media.created', 'media.replaced', 'media.updated', ...GONE]
  expect(rows).toEqual(
    actions.map(action =>
      expect.objectContaining({ principal: 'key:root', action, rule: 'account', hasRequest: true }),
    ),
  )
})

test('what is done through the media API of Contentive is recorded as elsewhere', async () => {
  const headers = { authorization: ADMIN }
  const rows = await recorded(async () => {
    const body = new FormData()
    body.append('file', new Blob(['%PDF-1.4\n%%EOF\n']), 'x.pdf')
    const made = await fetch(`${gateway.url}/api/media`, { method: 'POST', headers, body })
    const { id } = (await made.json()) as { id: string }
    await fetch(`${gateway.url}/api/media/${id}`, { method: 'DELETE', headers })
  })
  expect(rows.map(({ action }) => action)).toEqual(['media.created', ...GONE])
  expect(rows.every(({ principal, hasRequest }) => principal === 'key:root' && hasRequest)).toBe(true)
})

test('what is done through the Vonage Media API is recorded as elsewhere', async () => {
  const ask = (method: string, path: string, body?: FormData | URLSearchParams) =>
    fetch(`${gateway.url}/v3/media${path}`, { method, headers: { authorization: ADMIN }, body })
  const rows = await recorded(async () => {
    const form = new FormData()
    form.append('filedata', new Blob(['bytes']), 'x.txt')
    const id = (await ask('POST', '', form)).headers.get('location')?.split('/').at(-2)
    const said = () => new URLSearchParams({ title: 'x' })
    await ask('PUT', `/${id}`, said())
    await ask('PUT', `/${id}/info`, said())
    await ask('POST', `/${id}/info`, said())
    await ask('DELETE', `/${id}`)
  })
  const updated = 'media.updated'
  expect(rows.map(({ action }) => action)).toEqual(['media.created', updated, updated, updated, ...GONE])
  expect(rows.every(({ principal, hasRequest }) => principal === 'key:root' && hasRequest)).toBe(true)
})

test('a change and a deletion at the Apizee facade are recorded, once, by who asked for them', async () => {
  const id = await newMedia()
  const [media] = await gateway.app.foundation.database.query<{ number: number }>(
    'SELECT number FROM media WHERE id = $1',
    [id],
  )
  const url = `${gateway.url}/api/v3/medias/${media?.number}`
  const headers = { authorization: ADMIN, 'content-type': 'application/json' }
  const row = { principal: 'key:root', subject: id, rule: 'account', hasRequest: true }
  const change = { method: 'PUT', headers, body: JSON.stringify({ title: 'canary', latitude: 1, lng: 2 }) }
  expect(await recorded(() => fetch(url, change))).toEqual([{ ...row, action: 'media.updated' }])
  const deletions = await recorded(() => fetch(url, { method: 'DELETE', headers }))
  expect(deletions.filter(({ action }) => action === 'media.deleted')).toEqual([
    { ...row, action: 'media.deleted' },
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
  'audit adopt': ['audit.adopted'],
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
  // As in a database that was restored: the store has a checkpoint less.
  await gateway.app.audit.seal()
  const { storage, database } = gateway.app.foundation
  const [checkpoint] = await database.query<{ key: StorageKey; storeId: string }>(
    `SELECT key, store_id AS "storeId" FROM audit_checkpoint LIMIT 1`,
  )
  if (checkpoint) await storage.delete(checkpoint)
  const rows = await recorded(async () => {
    await done('audit', 'adopt')
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
