import { startApp, type TestApp } from '../support/app.ts'
import { naughtyStrings } from '../support/fixtures.ts'

let gateway: TestApp
const ids: Record<string, string> = {}

const SAMPLES = {
  note: { text: 'plain text', input: { name: 'notes/one', title: 'Größe 100%', tags: ['red', 'big'] } },
  page: {
    text: '<!doctype html><p>hi',
    input: { title: 'Страница', description: 'under_score', tags: ['red'] },
  },
  data: {
    text: '{"a":1}',
    input: { metadata: { invoice: 'Rechnung 42' }, metadataPrimary: 'back\\slash', tags: ['small'] },
  },
}

beforeAll(async () => {
  gateway = await startApp()
  for (const [key, { text, input }] of Object.entries(SAMPLES)) {
    const fileName = { note: 'note.txt', page: 'page.html', data: 'data.json' }[key]
    const { media, userErrors } = await gateway.upload({ bytes: Buffer.from(text), fileName }, input)
    expect(userErrors).toEqual([])
    ids[key] = media.id
  }
})
afterAll(() => gateway.close())

async function found(filter: object): Promise<string[]> {
  const { mediaItems } = await gateway.query(
    `query Find($filter: MediaFilter) { mediaItems(filter: $filter) { totalCount nodes { id } } }`,
    { filter },
  )
  expect(mediaItems.totalCount).toBe(mediaItems.nodes.length)
  return mediaItems.nodes
    .map(({ id }: { id: string }) => Object.keys(ids).find(key => ids[key] === id) ?? id)
    .sort()
}

test.each([
  [{}, ['data', 'note', 'page']],
  [{ kind: ['DOCUMENT'] }, ['note']],
  [{ kind: ['DOCUMENT', 'FILE'] }, ['data', 'note', 'page']],
  [{ kind: [] }, []],
  [{ mimeType: ['text/html'] }, ['page']],
  [{ mimeType: ['TEXT/HTML', 'application/json'] }, ['data', 'page']],
  [{ mimeType: ['text/*'] }, ['note', 'page']],
  [{ tag: ['red'] }, ['note', 'page']],
  [{ tag: ['big', 'small'] }, ['data', 'note']],
  [{ tag: ['red'], kind: ['DOCUMENT'] }, ['note']],
  [{ createdAt: { gte: '2000-01-01T00:00:00Z' } }, ['data', 'note', 'page']],
  [{ createdAt: { lt: '2000-01-01T00:00:00Z' } }, []],
  [{ createdAt: { gt: '2000-01-01T00:00:00+02:00', lte: '2999-01-01T00:00:00Z' } }, ['data', 'note', 'page']],
  [{ search: 'größe' }, ['note']],
  [{ search: 'GRÖSSE' }, []],
  [{ search: 'СТРАНИЦА' }, ['page']],
  [{ search: '100%' }, ['note']],
  [{ search: '10%%' }, []],
  [{ search: 'r_s' }, ['page']],
  [{ search: 'k\\s' }, ['data']],
  [{ search: 'rechnung' }, ['data']],
  [{ search: 'one notes' }, ['note']],
  [{ search: 'page.html' }, ['page']],
  [{ search: '  ' }, ['data', 'note', 'page']],
])('%j finds %j', async (filter, expected) => {
  expect(await found(filter)).toEqual(expected)
})

test.each([
  ['search', { search: 'x'.repeat(501) }],
  ['tag', { tag: Array.from({ length: 101 }, (_, i) => `t${i}`) }],
  ['search', { search: 'a\0b' }],
  ['mimeType', { mimeType: ['\ud800'] }],
])('a filter by %s that is too much is refused', async (field, filter) => {
  const { errors } = await gateway.send(
    `query F($filter: MediaFilter) { mediaItems(filter: $filter) { totalCount } }`,
    { filter },
  )
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: ['filter', field] })
})

test('a field that is no filter is refused, not ignored', async () => {
  const { status, errors } = await gateway.send(`{ mediaItems(filter: { secretHash: "x" }) { totalCount } }`)
  expect(status).toBe(400)
  expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
})

test('no naughty string breaks a search, and each finds the media that is called so', async () => {
  const query = `query Find($filter: MediaFilter) { mediaItems(filter: $filter) { nodes { title } } }`
  const storable = naughtyStrings.filter(
    text => !text.includes('\0') && text.isWellFormed() && text.length <= 500,
  )
  expect(storable.length).toBeGreaterThan(400)
  const { media } = await gateway.upload({ bytes: Buffer.from('x'), fileName: 'x.txt' })
  for (const title of storable) {
    const { updateMedia } = await gateway.query(
      `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) { media { title } userErrors { code } } }`,
      { input: { id: media.id, title } },
    )
    expect(updateMedia).toEqual({ media: { title }, userErrors: [] })
    const { mediaItems } = await gateway.query(query, { filter: { search: title } })
    expect(mediaItems.nodes).toContainEqual({ title })
  }
})
