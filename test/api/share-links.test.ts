import { FOREIGN, startApp, type TestApp } from '../support/app.ts'

let now = Date.now()
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ LOG_LEVEL: 'trace' }, { clock: { now: () => new Date(now) } })
  const { database } = gateway.app.foundation
  await gateway.app.keys.ensure({ accountId: 'acme', keyId: 'reader', secret: 'readersecret' })
  await database.query(`UPDATE api_key SET scopes = '{media:read}' WHERE id = 'reader'`)
})
afterAll(() => gateway.close())

const READER = 'Bearer mgw_reader_readersecret'
const LINK = 'id mediaId createdBy createdAt expiresAt maxDownloads timesDownloaded revokedAt'
const CREATE = `mutation C($input: CreateShareLinkInput!) { createShareLink(input: $input) {
  clientMutationId url shareLink { ${LINK} } userErrors { code message field } } }`
const REVOKE = `mutation R($input: RevokeShareLinkInput!) { revokeShareLink(input: $input) {
  shareLink { ${LINK} } userErrors { code message field } } }`
const LIST = `query L($id: ID!, $first: Int, $after: String) { media(id: $id) { id
  shareLinks(first: $first, after: $after) { totalCount nodes { ${LINK} } pageInfo { hasNextPage endCursor } } } }`

async function upload(text: string): Promise<string> {
  return (await gateway.upload({ bytes: Buffer.from(text), fileName: 'note.txt' })).media.id
}

async function share(mediaId: string, input: Record<string, unknown> = {}) {
  const { createShareLink } = await gateway.query(CREATE, { input: { mediaId, ...input } })
  return createShareLink
}

async function fetched(url: string, init?: RequestInit): Promise<[number, string]> {
  const answer = await fetch(url, init)
  return [answer.status, (await answer.text()).replace(/"requestId":"[^"]*"/, '')]
}

const UNKNOWN = `/s/${'0'.repeat(43)}`

describe('a share link', () => {
  test('gives the content of its media to whoever has it, and to no cache', async () => {
    const { url, shareLink, userErrors } = await share(await upload('shared'), { clientMutationId: 'x' })
    expect(userErrors).toEqual([])
    expect(url).toMatch(new RegExp(`^${gateway.url}/s/[0-9A-Za-z]{43}$`))
    expect(shareLink).toMatchObject({
      id: expect.stringMatching(/^shr_/),
      createdBy: 'key:root',
      maxDownloads: 0,
      timesDownloaded: 0,
      revokedAt: null,
      expiresAt: new Date(now + 7 * 86_400_000).toISOString(),
    })
    const answer = await fetch(url)
    expect([answer.status, await answer.text()]).toEqual([200, 'shared'])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'private, no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      'content-disposition': 'inline; filename="note.txt"',
    })
    expect(await fetched(url, { headers: { range: 'bytes=0-4' } })).toEqual([206, 'share'])
    const etag = answer.headers.get('etag') as string
    expect((await fetched(url, { headers: { 'if-none-match': etag } }))[0]).toBe(304)
    const head = await fetch(`${url}?download=1`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename="note.txt"',
    ])
    expect((await fetched(url, { method: 'PUT' }))[0]).toBe(404)
  })

  test('follows its media to a new content, and ends with it', async () => {
    const id = await upload('gone soon')
    const { url } = await share(id)
    await gateway.query('mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }', { id })
    expect(await fetched(url)).toEqual(await fetched(gateway.url + UNKNOWN))
  })

  test('that is unknown, revoked or expired is one and the same 404', async () => {
    const id = await upload('x')
    const [revoked, expired] = [await share(id), await share(id, { expiresIn: 1 })]
    const { revokeShareLink } = await gateway.query(REVOKE, { input: { id: revoked.shareLink.id } })
    expect(revokeShareLink.shareLink.revokedAt).not.toBeNull()
    await gateway.app.foundation.database.query(
      `UPDATE share_link SET expires_at = clock_timestamp() WHERE 'shr_' || id = $1`,
      [expired.shareLink.id],
    )
    const unknown = await fetched(gateway.url + UNKNOWN)
    expect(unknown).toEqual([404, expect.stringContaining('NOT_FOUND')])
    for (const url of [
      revoked.url,
      expired.url,
      `${gateway.url}/s/x`,
      `${revoked.url}0`,
      `${gateway.url}/s/%00`,
    ])
      expect(await fetched(url)).toEqual(unknown)
  })

  test('that is revoked ends at once at every node, and stays revoked', async () => {
    const { url, shareLink } = await share(await upload('for two nodes'))
    const second = await gateway.beside()
    const there = url.replace(gateway.url, second.url)
    expect(await fetched(there)).toEqual([200, 'for two nodes'])
    const revoke = () => gateway.query(REVOKE, { input: { id: shareLink.id } })
    const first = await revoke()
    expect((await fetched(there))[0]).toBe(404)
    expect(await revoke()).toEqual(first)
    await second.close()
  })

  test('is in no log and in no table', async () => {
    const { url } = await share(await upload('unseen'))
    const token = url.split('/').at(-1) as string
    for (const path of [url, `${url}?download=9`, `${url}/more`, `${url}%zz`]) await fetched(path)
    await fetched(url, { method: 'POST' })
    const rows = await gateway.app.foundation.database.query(`SELECT share_link::text FROM share_link`)
    expect(JSON.stringify(gateway.log)).toContain('"route":"/s/:token"')
    expect(JSON.stringify([gateway.log, rows])).not.toContain(token)
  })
})

describe('who may share', () => {
  test('creates, lists, pages and finds links by id; others learn nothing', async () => {
    const id = await upload('mine')
    const links = []
    for (const maxDownloads of [1, 2, 3]) links.unshift((await share(id, { maxDownloads })).shareLink)
    const { media } = await gateway.query(LIST, { id, first: 2 })
    expect(media.shareLinks).toMatchObject({
      totalCount: 3,
      nodes: links.slice(0, 2),
      pageInfo: { hasNextPage: true },
    })
    const { endCursor } = media.shareLinks.pageInfo
    const rest = await gateway.query(LIST, { id, first: 2, after: endCursor })
    expect(rest.media.shareLinks.nodes).toEqual(links.slice(2))

    const NODES = `query N($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`
    const ids = [links[0].id, id, 'shr_x', `shr_${id}`]
    expect(await gateway.query(NODES, { ids })).toEqual({
      nodes: [{ __typename: 'ShareLink', id: links[0].id }, { __typename: 'Media', id }, null, null],
    })
    const stranger = gateway.as(FOREIGN)
    expect(await stranger.query(NODES, { ids })).toEqual({ nodes: [null, null, null, null] })
    const NOT_FOUND = [expect.objectContaining({ code: 'NOT_FOUND', field: ['input', 'mediaId'] })]
    for (const mediaId of [id, 'odd'])
      expect((await stranger.query(CREATE, { input: { mediaId } })).createShareLink.userErrors).toEqual(
        NOT_FOUND,
      )
    const { revokeShareLink } = await stranger.query(REVOKE, { input: { id: links[0].id } })
    expect(revokeShareLink.userErrors).toEqual([expect.objectContaining({ code: 'NOT_FOUND' })])
  })

  test('needs the scope media:share, which the refusal names', async () => {
    const id = await upload('readable')
    const { shareLink } = await share(id)
    const reader = gateway.as(READER)
    for (const [query, variables] of [
      [CREATE, { input: { mediaId: id } }],
      [REVOKE, { input: { id: shareLink.id } }],
      [LIST, { id }],
    ] as const) {
      const { errors } = await reader.send(query, variables)
      expect(errors?.[0]).toMatchObject({
        message: expect.stringContaining('media:share'),
        extensions: { code: 'FORBIDDEN' },
      })
    }
    expect((await reader.send(LIST, { id })).data).toEqual({ media: { id, shareLinks: null } })
  })

  test("acting for an owner shares what is that owner's, not what a group shows", async () => {
    const { database } = gateway.app.foundation
    const [mine, grouped] = [await upload('mine'), await upload('grouped')]
    await gateway.app.keys.ensure({ accountId: 'acme', keyId: 'ann', secret: 'annsecret' })
    await database.query(
      `WITH ann AS (INSERT INTO owner (id, account_id, external_id, name)
         VALUES (gen_random_uuid(), 'acme', 'ann', 'Ann') RETURNING id),
       key AS (UPDATE api_key SET owner_id = ann.id, group_ids = '{g}', scopes = '{media:read,media:share}'
         FROM ann WHERE api_key.id = 'ann')
       UPDATE media SET owner_id = CASE media.id WHEN $1 THEN ann.id END, group_ids = '{g}'
       FROM ann WHERE media.id IN ($1, $2)`,
      [mine, grouped],
    )
    const ann = gateway.as('Bearer mgw_ann_annsecret')
    expect((await ann.query(CREATE, { input: { mediaId: mine } })).createShareLink.userErrors).toEqual([])
    const { errors } = await ann.send(CREATE, { input: { mediaId: grouped } })
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})

test.each([
  [{ maxDownloads: -1 }, 'maxDownloads'],
  [{ expiresIn: 0 }, 'expiresIn'],
  [{ expiresIn: 366 * 86_400 + 1 }, 'expiresIn'],
  [{ expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
  [{ expiresAt: '9999-01-01T00:00:00Z' }, 'expiresAt'],
  [{ expiresAt: '2099-01-01T00:00:00Z', expiresIn: 5 }, 'expiresIn'],
])('the terms %j are refused and say which field', async (terms, field) => {
  const { shareLink, url, userErrors } = await share(await upload('x'), terms)
  expect([shareLink, url, userErrors]).toEqual([
    null,
    null,
    [{ code: 'INVALID_INPUT', field: ['input', field], message: expect.any(String) }],
  ])
})

test('a link lasts as long as it was asked to', async () => {
  const id = await upload('x')
  now = Date.now()
  const at = new Date(now + 5_000).toISOString()
  expect((await share(id, { expiresAt: at })).shareLink.expiresAt).toBe(at)
  expect((await share(id, { expiresIn: 5 })).shareLink.expiresAt).toBe(at)
})
