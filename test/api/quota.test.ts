import { randomBytes, randomUUID } from 'node:crypto'
import type { QuotaSetting } from '../../src/features/usage/usage.service.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { fixture } from '../support/fixtures.ts'
import type { GraphQLClient } from '../support/gql.ts'
import { startOrigin } from '../support/origin.ts'
import { IMAGE } from '../support/pictures.ts'
import { askForTicket, complete, put, ticketFor } from '../support/tickets.ts'
import { metadata, TusByHand } from '../support/tus.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ IMPORT_FROM_URL: '127.0.0.0/8', TRASH_DAYS: '0' })
})
afterAll(() => gateway.close())

const MB = 1_000_000
const REFUSAL = `userErrors { __typename code message field ... on QuotaExceededError { quota limit used reserved requested } }`

interface Tenant extends GraphQLClient {
  readonly account: string
  readonly authorization: string
  readonly tus: TusByHand
}

/** An account of its own, with an administrator's key. */
async function tenant(quotas: { bytes?: QuotaSetting; items?: QuotaSetting } = {}): Promise<Tenant> {
  const account = `t-${randomUUID()}`
  await gateway.app.keys.ensure({ accountId: account, keyId: account, secret: 'secretsecretsecret' })
  await gateway.app.usage.setQuotas(account, quotas)
  const authorization = `Bearer mgw_${account}_secretsecretsecret`
  const tus = new TusByHand(`${gateway.url}/uploads`, authorization)
  return { ...gateway.as(authorization), account, authorization, tus }
}

const usageOf = async (client: GraphQLClient) =>
  (await client.query('{ viewer { usage { bytes { used reserved limit } items { used limit } } } }')).viewer
    .usage
const usedBy = async (client: GraphQLClient) => (await usageOf(client)).bytes.used
const bytes = (size: number) => ({ bytes: randomBytes(size) })

/** What an upload is told whose file does not fit. */
async function refused(client: GraphQLClient, size: number, input: Record<string, unknown> = {}) {
  const { media, userErrors } = await client.upload(bytes(size), input)
  expect(media).toBeNull()
  return userErrors[0]
}

/** Everything that a gateway does by and by. */
async function cleanUp(): Promise<void> {
  await gateway.app.trash.empty()
  await gateway.app.reaper.run()
}

describe('a quota of bytes', () => {
  test('refuses what does not fit with its figures, and what to do; the key of the request is not used up', async () => {
    const client = await tenant({ bytes: 100 })
    expect((await client.upload(bytes(60))).userErrors).toEqual([])
    const key = { idempotencyKey: 'once' }
    const file = bytes(41)
    const send = async () => (await client.upload(file, key)).media
    expect(await send()).toBeNull()
    expect(await refused(client, 41, { idempotencyKey: 'other' })).toEqual({
      __typename: 'QuotaExceededError',
      code: 'QUOTA_EXCEEDED',
      message: expect.stringMatching(
        /41 more bytes: of 100 it uses 60\. Delete media for good, or ask the operator/,
      ),
      field: null,
      quota: 'BYTES',
      limit: 100,
      used: 60,
      reserved: 0,
      requested: 41,
    })
    await gateway.app.usage.setQuotas(client.account, { bytes: 101 })
    const made = await send()
    expect(made).toMatchObject({ size: 41 })
    expect(await send()).toMatchObject({ id: made.id })
    expect(await usageOf(client)).toEqual({
      bytes: { used: 101, reserved: 0, limit: 101 },
      items: { used: 2, limit: null },
    })
  })

  test('cuts off a body of unknown size before it passes, and keeps nothing of it', async () => {
    const client = await tenant({ bytes: MB })
    const before = await gateway.storedNames()
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536
        if (sent > 64 * MB) controller.close()
        else controller.enqueue(new Uint8Array(65_536))
      },
    })
    const { putUrl } = await ticketFor(client)
    // The answer comes ahead of the end of the body; some clients tell of the one, some of the other.
    const answer = await put(putUrl, endless).catch(() => null)
    if (answer) expect([answer.status, answer.body.error.code]).toEqual([413, 'QUOTA_EXCEEDED'])
    expect(sent).toBeLessThan(32 * MB)
    expect(await gateway.storedNames()).toEqual(before)
    expect((await usageOf(client)).bytes).toEqual({ used: 0, reserved: 0, limit: MB })
  })

  test('a resumable upload of unknown length ends where the room does', async () => {
    const client = await tenant({ bytes: 100_000 })
    const url = await client.tus.create(null)
    expect((await client.tus.patch(url, 0, { body: randomBytes(60_000) })).status).toBe(204)
    expect((await usageOf(client)).bytes).toMatchObject({ used: 0, reserved: expect.any(Number) })
    const { status, code } = await client.tus.patch(url, 60_000, { body: randomBytes(60_000) })
    expect([status, code]).toEqual([413, 'QUOTA_EXCEEDED'])
    expect((await client.tus.head(url)).status).toBe(410)
    expect((await usageOf(client)).bytes).toMatchObject({ used: 0, reserved: 0 })
  })

  test('a length that is told late is held or refused before its bytes', async () => {
    const client = await tenant({ bytes: 1_000 })
    const [fits, exceeds] = [await client.tus.create(null), await client.tus.create(null)]
    const told = (length: number) => ({ headers: { 'upload-length': String(length) }, body: 'a' })
    expect((await client.tus.patch(fits, 0, told(600))).status).toBe(204)
    expect((await usageOf(client)).bytes.reserved).toBeGreaterThanOrEqual(600)
    expect((await client.tus.patch(exceeds, 0, told(600))).code).toBe('QUOTA_EXCEEDED')
    expect((await client.tus.end(fits)).status).toBe(204)
    expect((await usageOf(client)).bytes).toMatchObject({ used: 0, reserved: 0 })
  })

  test('an upload that must be copied since it was torn holds its bytes once', async () => {
    const client = await tenant({ bytes: 100 })
    const url = await client.tus.create(60)
    await gateway.app.foundation.database.query(`UPDATE tus_upload SET is_torn = true WHERE id = $1`, [
      url.split('/').at(-1),
    ])
    expect((await client.tus.patch(url, 0, { body: randomBytes(60) })).status).toBe(204)
    expect((await usageOf(client)).bytes).toEqual({ used: 60, reserved: 0, limit: 100 })
  })

  test('parts have their reservation back when the whole is refused', async () => {
    const client = await tenant({ bytes: 250 })
    await client.upload({ bytes: Buffer.from('a'.repeat(100)) })
    const parts = [await client.tus.part('a'.repeat(60)), await client.tus.part('a'.repeat(40))]
    const { code } = await client.tus.send('POST', client.tus.endpoint, {
      headers: {
        'upload-concat': `final;${parts.join(' ')}`,
        'upload-metadata': metadata({ onDuplicate: 'REFUSE' }),
      },
    })
    expect(code).toBe('DUPLICATE_CONTENT')
    expect((await usageOf(client)).bytes).toMatchObject({ used: 100, reserved: 100 })
    expect((await client.tus.end(parts[0] ?? '')).status).toBe(204)
    expect((await usageOf(client)).bytes).toMatchObject({ used: 100, reserved: 40 })
    expect((await client.tus.end(parts[1] ?? '')).status).toBe(204)
    expect((await usageOf(client)).bytes).toMatchObject({ used: 100, reserved: 0 })
  })

  test('a replacement needs room beside what is replaced, and a deletion gives it back when the bytes are gone', async () => {
    const client = await tenant({ bytes: 100 })
    const { media } = await client.upload(bytes(60))
    const { body } = { body: randomBytes(60) }
    const ticket = await ticketFor(client, { replaces: { id: media.id } })
    expect((await put(ticket.putUrl, body)).body.error.code).toBe('QUOTA_EXCEEDED')
    const { result } = await complete(client, ticket.id)
    expect(result).toBeNull()

    await client.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { userErrors { code } } }`, {
      id: media.id,
    })
    expect(await usedBy(client)).toBe(60)
    await gateway.app.trash.empty()
    expect(await usageOf(client)).toMatchObject({ bytes: { used: 60 }, items: { used: 0 } })
    await gateway.app.reaper.run()
    expect(await usedBy(client)).toBe(0)
    expect((await client.upload(bytes(100))).userErrors).toEqual([])
  })

  test('a ticket for what does not fit is not given out; one that waits for bytes holds nothing', async () => {
    const client = await tenant({ bytes: 100 })
    const { userErrors } = await askForTicket(client, { size: 101 })
    expect(userErrors).toMatchObject([{ __typename: 'QuotaExceededError', code: 'QUOTA_EXCEEDED' }])
    const tickets = [await ticketFor(client, { size: 60 }), await ticketFor(client, { size: 60 })]
    expect((await usageOf(client)).bytes.reserved).toBe(0)
    const statuses = []
    for (const { putUrl } of tickets) statuses.push((await put(putUrl, randomBytes(60))).status)
    expect(statuses).toEqual([201, 413])
    // Bytes of a ticket that is not completed are held for it.
    expect((await usageOf(client)).bytes).toEqual({ used: 0, reserved: 60, limit: 100 })
    expect((await complete(client, tickets[0]?.id ?? '')).userErrors).toEqual([])
    expect((await usageOf(client)).bytes).toEqual({ used: 60, reserved: 0, limit: 100 })
  })

  test('below what is used it removes nothing, and takes in nothing; none is any number', async () => {
    const client = await tenant()
    const { media } = await client.upload(bytes(60))
    await gateway.app.usage.setQuotas(client.account, { bytes: 10 })
    expect((await refused(client, 1))?.code).toBe('QUOTA_EXCEEDED')
    expect(
      (await client.query(`query($id: ID!) { media(id: $id) { size } }`, { id: media.id })).media.size,
    ).toBe(60)
    await gateway.app.usage.setQuotas(client.account, { bytes: 'none' })
    expect((await client.upload(bytes(60))).userErrors).toEqual([])
    await gateway.app.usage.setQuotas(client.account, { bytes: 0 })
    expect((await refused(client, 1))?.code).toBe('QUOTA_EXCEEDED')
  })

  test('uploads that were let in keep what is held for them, whatever the quota becomes', async () => {
    const client = await tenant({ bytes: 100 })
    const url = await client.tus.create(60)
    await gateway.app.usage.setQuotas(client.account, { bytes: 10 })
    expect((await client.tus.patch(url, 0, { body: randomBytes(60) })).headers['media-id']).toBeDefined()
    expect(await usedBy(client)).toBe(60)

    // Of one whose length is told late, all that was held ahead as its bytes came.
    await gateway.app.usage.setQuotas(client.account, { bytes: 100 * MB })
    const open = await client.tus.create(null)
    expect((await client.tus.patch(open, 0, { body: randomBytes(100_000) })).status).toBe(204)
    await gateway.app.usage.setQuotas(client.account, { bytes: 10 })
    const last = { headers: { 'upload-length': '100010' }, body: randomBytes(10) }
    expect((await client.tus.patch(open, 100_000, last)).headers['media-id']).toBeDefined()
    expect((await usageOf(client)).bytes).toEqual({ used: 100_070, reserved: 0, limit: 10 })
    expect((await refused(client, 1))?.code).toBe('QUOTA_EXCEEDED')
  })

  test('pictures of a full account are delivered, and not kept', async () => {
    const client = await tenant()
    const { media } = await client.upload({ bytes: fixture('photo.png').bytes(), fileName: 'photo.png' })
    const full = await usedBy(client)
    await gateway.app.usage.setQuotas(client.account, { bytes: full })
    const { image } = (await client.query(IMAGE, { id: media.id, transform: { width: 50, format: 'WEBP' } }))
      .media
    const fetched = async () => {
      const { pathname, search } = new URL(image.url)
      const answer = await fetch(`${gateway.url}${pathname}${search}`)
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
    }
    const first = await fetched()
    expect([first.status, first.body.subarray(8, 12).toString()]).toEqual([200, 'WEBP'])
    expect(await fetched()).toEqual(first)
    await gateway.app.pictures.variants.settled()
    expect((await usageOf(client)).bytes).toEqual({ used: full, reserved: 0, limit: full })
    const variants = () =>
      gateway.app.foundation.database.query(`SELECT 1 FROM variant WHERE account_id = $1`, [client.account])
    expect(await variants()).toEqual([])
    await gateway.app.usage.setQuotas(client.account, { bytes: 'none' })
    expect(await fetched()).toEqual(first)
    await gateway.app.pictures.variants.settled()
    expect(await variants()).toHaveLength(1)
    expect(await usedBy(client)).toBe(full + first.body.length)
  })
})

describe('a quota of media', () => {
  const AT_ONCE = countOf({ daily: 6, thorough: 20 })

  test('of many at once where there is room for one, exactly one is made', async () => {
    const client = await tenant({ items: 1 })
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => client.upload(bytes(n + 1))))
    expect(answers.filter(({ media }) => media)).toHaveLength(1)
    expect(new Set(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(
      new Set(['QUOTA_EXCEEDED']),
    )
    const { items, bytes: sizes } = await usageOf(client)
    expect([items, sizes.reserved]).toEqual([{ used: 1, limit: 1 }, 0])
  })

  test('counts the trash, which can be restored, and forgets what is gone', async () => {
    const client = await tenant({ items: 1 })
    const { media } = await client.upload(bytes(1))
    await client.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { userErrors { code } } }`, {
      id: media.id,
    })
    expect(await refused(client, 1)).toMatchObject({
      quota: 'ITEMS',
      limit: 1,
      used: 1,
      reserved: 0,
      requested: 1,
    })
    await cleanUp()
    expect((await client.upload(bytes(1))).userErrors).toEqual([])
  })

  test('a replacement needs none; an import, a ticket and a resumable upload do, before their bytes', async () => {
    const origin = await startOrigin()
    const client = await tenant({ items: 1 })
    const { media } = await client.upload(bytes(1))
    const ticket = await ticketFor(client, { replaces: { id: media.id } })
    expect((await put(ticket.putUrl, Buffer.from('next'))).status).toBe(201)
    expect((await complete(client, ticket.id)).userErrors).toEqual([])

    const { importMedia } = await client.query(
      `mutation I($url: String!) { importMedia(input: { url: $url }) { media { id } ${REFUSAL} } }`,
      { url: origin.url },
    )
    expect(importMedia).toMatchObject({
      media: null,
      userErrors: [{ code: 'QUOTA_EXCEEDED', quota: 'ITEMS', used: 1 }],
    })
    expect((await askForTicket(client, { size: 1 })).userErrors).toMatchObject([{ code: 'QUOTA_EXCEEDED' }])
    const { status, code } = await client.tus.send('POST', client.tus.endpoint, {
      headers: { 'upload-length': '1' },
    })
    expect([status, code]).toEqual([413, 'QUOTA_EXCEEDED'])
    expect(await usageOf(client)).toMatchObject({ bytes: { reserved: 0 }, items: { used: 1 } })
    origin.close()
  })
})

describe('who sees what an account uses', () => {
  const key = async (client: Tenant, more: object) => {
    const made = await gateway.app.keys.create({ accountId: client.account, label: 'k', ...more } as never)
    return gateway.as(`Bearer mgw_${made.key.id}_${made.secret}`)
  }

  test('whoever may list all of its media, and no other tenant', async () => {
    const client = await tenant({ bytes: 100 })
    await client.upload(bytes(60))
    const stranger = await tenant()
    expect(await usedBy(client)).toBe(60)
    expect(await usageOf(stranger)).toEqual({
      bytes: { used: 0, reserved: 0, limit: null },
      items: { used: 0, limit: null },
    })
  })

  test.each([
    ['a key that reads', ['media:read'], undefined, true],
    ['an administrator of credentials', ['admin'], undefined, true],
    ['a key that only uploads', ['media:create'], undefined, false],
    ['a key that acts for an owner', ['media:read', 'media:create'], { id: 'ann' }, false],
  ])('%s', async (_, scopes, owner, sees) => {
    const client = await tenant({ bytes: 100 })
    await client.upload(bytes(60))
    const asker = await key(client, { scopes, owner })
    expect((await usageOf(asker)) !== null).toBe(sees)
    if (!scopes.includes('media:create')) return
    const refusal = await refused(asker, 50)
    expect(refusal).toMatchObject({ quota: 'BYTES', limit: 100, used: null, reserved: null })
    expect(refusal?.message).not.toContain('60')
  })

  test('the URL of a ticket tells no figures', async () => {
    const client = await tenant({ bytes: 100 })
    const { putUrl, tusEndpoint } = await ticketFor(client)
    const { body } = await put(putUrl, randomBytes(101))
    expect(body.error.details).toEqual({
      quota: 'BYTES',
      requested: 101,
      limit: 100,
      used: null,
      reserved: null,
    })
    const answer = await fetch(tusEndpoint ?? '', {
      method: 'POST',
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '101', authorization: client.authorization },
    })
    expect((await answer.json()).error.details).toMatchObject({ used: null, reserved: null })
  })
})

describe('the nightly reconciliation', () => {
  const reconcile = () =>
    gateway.app.jobs.find(({ name }) => name === 'usage.reconcile')?.run({}, {} as never)

  test('mends what is counted wrong beside uploads under way, and says so', async () => {
    const client = await tenant()
    await client.upload(bytes(60))
    const url = await client.tus.create(30)
    await gateway.app.foundation.database.query(
      `UPDATE account SET used_bytes = 1, reserved_bytes = 7, used_items = 5 WHERE id = $1`,
      [client.account],
    )
    const uploads = Array.from({ length: countOf({ daily: 10, thorough: 100 }) }, (_, n) =>
      client.upload(bytes(n + 1)),
    )
    await reconcile()
    const sizes = (await Promise.all(uploads)).map(({ media }) => Number(media.size))
    expect(await usageOf(client)).toMatchObject({
      bytes: { used: sizes.reduce((sum, size) => sum + size, 60), reserved: 30 },
      items: { used: sizes.length + 1 },
    })
    await client.tus.end(url)
    const told = gateway.log.filter(({ account, msg }) => account === client.account && msg !== 'request')
    expect(told).toMatchObject([{ msg: expect.stringContaining('counted anew') }])
    expect(await gateway.app.foundation.metrics.text()).toMatch(
      /^media_gateway_usage_mended_accounts_total 1$/m,
    )
  })
})
