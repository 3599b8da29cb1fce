import { readFile } from 'node:fs/promises'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture, fixtures, naughtyStrings } from '../support/fixtures.ts'
import { multipart } from '../support/gql.ts'
import { BLOB_NAME } from '../support/stores.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

describe('a good file', () => {
  test.each(fixtures.good.map(fixture => [fixture.file, fixture] as const))(
    '%s comes back as it went in',
    async (_, fixture) => {
      const bytes = await readFile(fixture.path)
      const { media, userErrors } = await gateway.upload({ bytes, fileName: fixture.file })
      expect(userErrors).toEqual([])
      expect(media).toMatchObject({
        size: fixture.size,
        sha256: fixture.sha256,
        mimeType: fixture.mimeType,
        // What is in it is found out later.
        status: 'PROCESSING',
      })
      if (fixture.mimeType?.startsWith('image/')) {
        expect({ width: media.width, height: media.height }).toEqual({
          width: fixture.displayWidth ?? null,
          height: fixture.displayHeight ?? null,
        })
      }
      const answer = await fetch(`${gateway.url}/media/${media.id}/content`, {
        headers: { authorization: ADMIN },
      })
      expect(answer.status).toBe(200)
      expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes)).toBe(0)
    },
  )
})

describe('a malformed or hostile file', () => {
  test.each([...fixtures.malformed, ...fixtures.hostile].map(fixture => [fixture.file, fixture] as const))(
    '%s is taken as bytes, and the next request is answered',
    async (_, fixture) => {
      const bytes = await readFile(fixture.path)
      const { media, userErrors } = await gateway.upload({ bytes, fileName: fixture.file })
      expect(userErrors).toEqual([])
      expect(media).toMatchObject({ size: bytes.length, sha256: fixture.sha256 })
      const answer = await fetch(`${gateway.url}/media/${media.id}/content`, {
        headers: { authorization: ADMIN, accept: 'text/html' },
      })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      // Whatever a browser could run is only ever offered to be saved, and boxed in besides.
      const inline = answer.headers.get('content-disposition')?.startsWith('inline')
      if (inline) expect(answer.headers.get('content-type')).toMatch(/^(image\/(?!svg)|application\/pdf)/)
      else expect(answer.headers.get('content-security-policy')).toContain('sandbox')
      expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes)).toBe(0)
      expect(await gateway.query('{ viewer { account } }')).toEqual({ viewer: { account: 'acme' } })
    },
  )

  test('a file is what its bytes are, whatever it is called', async () => {
    const html = await gateway.upload({
      bytes: fixture('bad-html-named.jpg').bytes(),
      fileName: 'x.jpg',
      mimeType: 'image/jpeg',
    })
    expect(html.media).toMatchObject({ mimeType: 'text/html', kind: 'FILE' })
    const png = await gateway.upload({ bytes: fixture('bad-png-named.jpg').bytes(), fileName: 'x.jpg' })
    expect(png.media).toMatchObject({ mimeType: 'image/png', kind: 'IMAGE', width: 128, height: 128 })
  })
})

describe('a file name', () => {
  test.each([
    ['größe 日本語 🎉.txt', 'größe 日本語 🎉.txt'],
    ['C:\\temp\\secret.txt', 'secret.txt'],
    ['../../etc/passwd', 'passwd'],
    ['..', 'unnamed'],
    ['a\r\nb".txt', 'a\r\nb".txt'],
    ['x'.repeat(400), 'x'.repeat(255)],
    ['   ', 'unnamed'],
  ])('%j is kept as a label, never as a path', async (fileName, kept) => {
    const { media } = await gateway.upload({ bytes: Buffer.from('label'), fileName })
    // undici writes line breaks and quotes of names as percent escapes (as browsers do).
    expect(decodeURIComponent(media.originalFileName)).toBe(kept)
    const answer = await fetch(`${gateway.url}/media/${media.id}/content?download=1`, {
      headers: { authorization: ADMIN },
    })
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"\r\n]*"/)
    await answer.text()
  })

  test('whatever it is, the store knows nothing of it', async () => {
    for (const fileName of naughtyStrings.slice(0, 100))
      await gateway.upload({ bytes: Buffer.from('x'), fileName: fileName || 'x' })
    const names = await gateway.storedNames()
    expect(names.length).toBeGreaterThan(100)
    expect(names.filter(name => !BLOB_NAME.test(name))).toEqual([])
  })
})

describe('what is said about a file', () => {
  test('comes with the upload', async () => {
    const said = {
      name: 'clip',
      title: 'T',
      description: 'D',
      altText: 'A',
      tags: ['x', 'y', 'x'],
      metadataPrimary: 'p',
      metadataSecondary: 's',
      metadata: { deep: { list: [1, null, 'ü'] } },
      geolocation: { latitude: -17.5, longitude: -149.5 },
      conversationId: 'c-1',
      groupIds: ['g1'],
      sourceType: 'snapshot',
      public: true,
      maxDownloads: 7,
      cacheControl: 'max-age=60',
    }
    const selection = `name title description altText tags metadataPrimary metadataSecondary metadata geolocation { latitude longitude }
      conversationId groupIds sourceType public maxDownloads cacheControl timesDownloaded contentVersion storeId`
    const { media } = await gateway.upload({ bytes: Buffer.from('x') }, said, selection)
    expect(media).toEqual({
      ...said,
      tags: ['x', 'y'],
      timesDownloaded: 0,
      contentVersion: 1,
      storeId: 'default',
    })
  })

  test.each([
    ['name', ''],
    ['name', 'n'.repeat(513)],
    ['title', 'a\0b'],
    ['tags', [' ']],
    ['tags', Array.from({ length: 101 }, (_, i) => String(i))],
    ['geolocation', { latitude: 91, longitude: 0 }],
    ['maxDownloads', -1],
    ['metadata', { big: 'x'.repeat(70_000) }],
    ['metadata', { zero: '\0' }],
    ['cacheControl', 'max-age=1\r\nSet-Cookie: a=b'],
    ['cacheControl', 'a="日"'],
  ])('%s is refused when it is not allowed: %j', async (field, value) => {
    const { media, userErrors } = await gateway.upload({ bytes: Buffer.from('x') }, { [field]: value })
    expect(media).toBeNull()
    expect(userErrors).toMatchObject([
      { __typename: 'InvalidInputError', code: 'INVALID_INPUT', field: ['input', field] },
    ])
  })

  test('a name that is taken is refused, and nothing of the upload stays', async () => {
    const first = await gateway.upload({ bytes: Buffer.from('one') }, { name: 'unique' })
    const second = await gateway.upload({ bytes: Buffer.from('two') }, { name: 'unique' })
    expect(first.userErrors).toEqual([])
    expect(second.userErrors).toMatchObject([
      { __typename: 'ConflictError', code: 'NAME_TAKEN', field: ['input', 'name'] },
    ])
    const { findings, awaitingReaper } = await gateway.app.doctor.examine()
    expect({ findings, awaitingReaper }).toEqual({ findings: [], awaitingReaper: 0 })
  })
})

describe('a batch', () => {
  test('gives each file its own result, in the order of the items', async () => {
    const query = `mutation Batch($input: UploadMediaBatchInput!) { uploadMediaBatch(input: $input) {
      clientMutationId userErrors { code } results { media { originalFileName size } userErrors { code field } } } }`
    const items = [{ file: null }, { file: null, title: 'x'.repeat(1001) }, { file: null }]
    const files = Object.fromEntries(
      ['a.txt', 'b.txt', 'c.txt'].map((fileName, i) => [
        `variables.input.items.${i}.file`,
        { bytes: Buffer.from(fileName.repeat(i + 1)), fileName },
      ]),
    )
    const body = multipart(query, { input: { items, clientMutationId: 'me' } }, files)
    const headers = { authorization: ADMIN, 'apollo-require-preflight': 'true' }
    const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })
    const { data } = (await answer.json()) as { data: { uploadMediaBatch: unknown } }
    expect(data.uploadMediaBatch).toEqual({
      clientMutationId: 'me',
      userErrors: [],
      results: [
        { media: { originalFileName: 'a.txt', size: 5 }, userErrors: [] },
        { media: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'items', '1', 'title'] }] },
        { media: { originalFileName: 'c.txt', size: 15 }, userErrors: [] },
      ],
    })
  })
})
