import { createHash } from 'node:crypto'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { askForTicket, complete, put, ticketFor } from '../support/tickets.ts'

const LIMIT = 1 << 20
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ MAX_UPLOAD_BYTES: String(LIMIT) })
})
afterAll(() => gateway.close())

const contentOf = async (id: string) =>
  Buffer.from(
    await (
      await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
    ).arrayBuffer(),
  )
const count = async () => (await gateway.query(`{ mediaItems { totalCount } }`)).mediaItems.totalCount

describe('a ticket', () => {
  test('lets its bytes come without a credential, and makes them a media when it is completed', async () => {
    const bytes = fixture('photo.png').bytes()
    const before = await count()
    const ticket = await ticketFor(gateway, {
      fileName: 'größe 日本.png',
      mimeType: 'image/png',
      size: bytes.length,
      sha256: sha256(bytes),
      title: 'T',
      tags: ['a'],
    })
    const left = Date.parse(ticket.expiresAt) - Date.now()
    expect(left).toBeGreaterThan(86_000_000)
    expect(left).toBeLessThanOrEqual(86_400_000)
    expect(await put(ticket.putUrl, bytes)).toEqual({
      status: 201,
      body: { id: ticket.id, size: bytes.length, sha256: sha256(bytes) },
    })
    expect(await count()).toBe(before)
    const { result: media } = await complete(
      gateway,
      ticket.id,
      'id originalFileName title tags mimeType sha256 size width height contentVersion',
    )
    expect(media).toMatchObject({
      originalFileName: 'größe 日本.png',
      title: 'T',
      tags: ['a'],
      mimeType: 'image/png',
      sha256: sha256(bytes),
      size: bytes.length,
      width: 128,
      height: 128,
      contentVersion: 1,
    })
    expect(Buffer.compare(await contentOf(media.id), bytes)).toBe(0)
    expect(await count()).toBe(before + 1)
  })

  test('gives the same media however often it is completed, also at the same time', async () => {
    const ticket = await ticketFor(gateway)
    await put(ticket.putUrl, Buffer.from('once'))
    const before = await count()
    const answers = await Promise.all(Array.from({ length: 5 }, () => complete(gateway, ticket.id)))
    answers.push(await complete(gateway, ticket.id))
    expect(new Set(answers.map(({ result, userErrors }) => result?.id ?? userErrors[0]?.code)).size).toBe(1)
    expect(answers[0]?.result.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await count()).toBe(before + 1)
  })

  test('cannot be completed before its bytes have come', async () => {
    const ticket = await ticketFor(gateway)
    expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([
      { __typename: 'ConflictError', code: 'UPLOAD_NOT_RECEIVED', field: ['input', 'id'] },
    ])
    await put(ticket.putUrl, Buffer.from('now'))
    expect((await complete(gateway, ticket.id)).userErrors).toEqual([])
  })

  test('is asked for twice with one idempotency key and is the same one', async () => {
    const input = { fileName: 'a', idempotencyKey: 'ticket-1' }
    const [first, second] = [await ticketFor(gateway, input), await ticketFor(gateway, input)]
    expect(second).toEqual(first)
    expect((await askForTicket(gateway, { ...input, fileName: 'b' })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_CONFLICT' },
    ])
  })

  test('is nobody else’s to complete', async () => {
    const ticket = await ticketFor(gateway)
    await put(ticket.putUrl, Buffer.from('mine'))
    const missing = await complete(gateway, '01a223e1-b56b-7444-95c8-a104e148c688')
    expect(missing.userErrors).toMatchObject([{ __typename: 'NotFoundError', code: 'NOT_FOUND' }])
    expect(await complete(gateway.as(FOREIGN), ticket.id)).toEqual(missing)
    expect(await complete(gateway, 'no id')).toEqual(missing)
    const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['*'] } as never)
    expect(await complete(gateway.as(`Bearer mgw_${key.id}_${secret}`), ticket.id)).toEqual(missing)
  })

  test('is refused where the upload would be', async () => {
    const { key, secret } = await gateway.app.keys.create({
      accountId: 'acme',
      scopes: ['media:read'],
    } as never)
    const reader = gateway.as(`Bearer mgw_${key.id}_${secret}`)
    const { errors } = await reader.send(`mutation { createUpload(input: {}) { userErrors { code } } }`)
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await askForTicket(gateway, { title: 'x'.repeat(1001) })).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: ['input', 'title'] },
    ])
  })

  test('whose credential may not make media any more is not completed', async () => {
    const { key, secret } = await gateway.app.keys.create({
      accountId: 'acme',
      scopes: ['media:read'],
    } as never)
    const ticket = await ticketFor(gateway)
    await put(ticket.putUrl, Buffer.from('x'))
    await gateway.app.foundation.database.query(`UPDATE upload_ticket SET principal = $2 WHERE id = $1`, [
      ticket.id,
      `key:${key.id}`,
    ])
    await expect(complete(gateway.as(`Bearer mgw_${key.id}_${secret}`), ticket.id)).rejects.toThrow(
      'FORBIDDEN',
    )
  })

  test.each([
    [{ size: -1 }, 'INVALID_INPUT', 'size'],
    [{ size: LIMIT + 1 }, 'FILE_TOO_LARGE', 'size'],
    [{ size: 2, maxSize: 1 }, 'FILE_TOO_LARGE', 'size'],
    [{ sha256: 'abc' }, 'INVALID_INPUT', 'sha256'],
    [{ accept: [] }, 'INVALID_INPUT', 'accept'],
    [{ accept: ['image'] }, 'INVALID_INPUT', 'accept'],
    [{ fileName: 'x\0' }, 'INVALID_INPUT', 'fileName'],
    [{ fileName: 'x'.repeat(256) }, 'INVALID_INPUT', 'fileName'],
  ])('asked for with %j is refused: %s', async (input, code, field) => {
    expect((await askForTicket(gateway, input)).userErrors).toMatchObject([{ code, field: ['input', field] }])
  })
})

describe('what a ticket has promised', () => {
  test.each([
    [{ size: 4 }, Buffer.from('12345'), 413, 'FILE_TOO_LARGE'],
    [{ size: 6 }, Buffer.from('12345'), 422, 'CONTENT_MISMATCH'],
    [{ maxSize: 4 }, Buffer.from('12345'), 413, 'FILE_TOO_LARGE'],
    [{ sha256: sha256(Buffer.from('other')) }, Buffer.from('12345'), 422, 'CONTENT_MISMATCH'],
    [{ accept: ['image/*', 'application/pdf'] }, Buffer.from('12345'), 415, 'TYPE_NOT_ACCEPTED'],
    [
      { mimeType: 'image/png', accept: ['image/png'] },
      fixture('photo.webp').bytes(),
      415,
      'TYPE_NOT_ACCEPTED',
    ],
  ])(
    '%j is asked of the bytes, and it stays open when they are others',
    async (input, bytes, status, code) => {
      const ticket = await ticketFor(gateway, input)
      const chunked = () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(new Uint8Array(bytes))
            controller.close()
          },
        })
      for (const body of [bytes, chunked()])
        expect(await put(ticket.putUrl, body)).toMatchObject({ status, body: { error: { code } } })
      expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'UPLOAD_NOT_RECEIVED' }])
      const { findings, awaitingReaper } = await gateway.app.doctor.examine()
      expect({ findings, awaitingReaper }).toEqual({ findings: [], awaitingReaper: 0 })
    },
  )

  test('is taken when it holds', async () => {
    const bytes = fixture('photo.webp').bytes()
    const ticket = await ticketFor(gateway, { accept: ['IMAGE/*'], sha256: sha256(bytes).toUpperCase() })
    expect((await put(ticket.putUrl, bytes)).status).toBe(201)
    expect((await complete(gateway, ticket.id, 'mimeType')).result).toEqual({ mimeType: 'image/webp' })
  })

  test('a name that is taken meanwhile is told when it is completed, and can be freed', async () => {
    const ticket = await ticketFor(gateway, { name: 'hero' })
    await put(ticket.putUrl, Buffer.from('second'))
    const { media } = await gateway.upload({ bytes: Buffer.from('first') }, { name: 'hero' })
    expect((await complete(gateway, ticket.id)).userErrors).toMatchObject([{ code: 'NAME_TAKEN' }])
    await gateway.query(`mutation { updateMedia(input: { id: "${media.id}", name: null }) { media { id } } }`)
    expect((await complete(gateway, ticket.id, 'name')).result).toEqual({ name: 'hero' })
  })

  test('duplicates are refused, or given back, as the ticket says', async () => {
    const { media } = await gateway.upload({ bytes: Buffer.from('seen before') })
    const refused = await ticketFor(gateway, { onDuplicate: 'REFUSE' })
    await put(refused.putUrl, Buffer.from('seen before'))
    expect((await complete(gateway, refused.id)).userErrors).toMatchObject([
      { code: 'DUPLICATE_CONTENT', duplicateOf: media.id },
    ])
    const returned = await ticketFor(gateway, { onDuplicate: 'RETURN_EXISTING' })
    await put(returned.putUrl, Buffer.from('seen before'))
    for (let i = 0; i < 2; i++)
      expect((await complete(gateway, returned.id)).result).toEqual({ id: media.id })
  })
})

describe('a ticket for another content', () => {
  const replace = async (input: Record<string, unknown>) =>
    (
      await gateway.query(
        `mutation R($input: ReplaceMediaContentInput!) { replaceMediaContent(input: $input) {
           media { id contentVersion size title revision } userErrors { code field } } }`,
        { input },
      )
    ).replaceMediaContent
  const newMedia = async () =>
    (await gateway.upload({ bytes: Buffer.from('old') }, { title: 'stays' }, 'id revision')).media

  test('replaces it when it is completed', async () => {
    const media = await newMedia()
    const ticket = await ticketFor(gateway, { replaces: { id: media.id, ifMatch: media.revision } })
    await put(ticket.putUrl, Buffer.from('newer'))
    const { result } = await complete(gateway, ticket.id, 'id contentVersion size title')
    expect(result).toEqual({ id: media.id, contentVersion: 2, size: 5, title: 'stays' })
    expect((await complete(gateway, ticket.id, 'contentVersion')).result).toEqual({ contentVersion: 2 })
    expect((await contentOf(media.id)).toString()).toBe('newer')
  })

  test('is taken by replaceMediaContent, once', async () => {
    const media = await newMedia()
    const ticket = await ticketFor(gateway)
    await put(ticket.putUrl, Buffer.from('by id'))
    const input = { id: media.id, ticketId: ticket.id, ifMatch: media.revision }
    const first = await replace(input)
    expect(first).toMatchObject({ media: { id: media.id, contentVersion: 2, size: 5 }, userErrors: [] })
    expect((await replace(input)).media).toMatchObject({ id: media.id, contentVersion: 2 })
  })

  test('that has become one media is no other one’s content', async () => {
    const media = await newMedia()
    const ticket = await ticketFor(gateway)
    await put(ticket.putUrl, Buffer.from('made'))
    const { result } = await complete(gateway, ticket.id)
    expect((await replace({ id: media.id, ticketId: ticket.id })).userErrors).toEqual([
      { code: 'TICKET_USED', field: null },
    ])
    expect((await contentOf(media.id)).toString()).toBe('old')
    expect((await complete(gateway, ticket.id)).result).toEqual(result)
  })

  test('is refused when the media has changed since', async () => {
    const media = await newMedia()
    const ticket = await ticketFor(gateway)
    await put(ticket.putUrl, Buffer.from('late'))
    await gateway.query(`mutation { updateMedia(input: { id: "${media.id}", title: "t" }) { media { id } } }`)
    const late = await replace({ id: media.id, ticketId: ticket.id, ifMatch: media.revision })
    expect(late.userErrors).toEqual([{ code: 'REVISION_CONFLICT', field: ['input', 'ifMatch'] }])
    expect((await contentOf(media.id)).toString()).toBe('old')
  })

  test('is for no other media', async () => {
    const [media, other] = [await newMedia(), await newMedia()]
    const ticket = await ticketFor(gateway, { replaces: { id: media.id } })
    await put(ticket.putUrl, Buffer.from('x'))
    expect((await replace({ id: other.id, ticketId: ticket.id })).userErrors).toEqual([
      { code: 'INVALID_INPUT', field: ['input', 'ticketId'] },
    ])
    expect((await replace({ id: media.id })).userErrors).toEqual([
      { code: 'INVALID_INPUT', field: ['input', 'file'] },
    ])
  })

  test('with a revision that no text can be is refused', async () => {
    const media = await newMedia()
    const replaces = { id: media.id, ifMatch: 'a\0b' }
    expect((await askForTicket(gateway, { replaces })).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: ['input', 'replaces', 'ifMatch'] },
    ])
  })

  test('is not given for a media that the asker may not see, and says whose it is to nobody', async () => {
    const { media } = await gateway.as(FOREIGN).upload({ bytes: Buffer.from('foreign') })
    const missing = await askForTicket(gateway, { replaces: { id: '01a223e1-b56b-7444-95c8-a104e148c688' } })
    expect(missing.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect(await askForTicket(gateway, { replaces: { id: media.id } })).toEqual(missing)
  })
})
