import type { UploadMediaInput } from '../../examples/clients/generated/graphql.ts'
import { DELETE, EVENTS, LIBRARY, UPDATE, UPLOAD } from '../../examples/clients/operations.ts'
import { urqlClient } from '../../examples/clients/urql.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { breakableLine } from './breakable-line.ts'
import { FROM_THE_START, heard } from './heard.ts'

const photo = fixture('photo.png')
let gateway: TestApp
let client: ReturnType<typeof urqlClient>
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())
beforeEach(() => {
  client = urqlClient(gateway.url, 'mgw_root_secretsecretsecret')
})

const file = (name: string) => new File([new Uint8Array(photo.bytes())], name, { type: 'image/png' })

async function upload(input: UploadMediaInput) {
  const { data, error } = await client.mutation(UPLOAD, { input })
  if (!data?.uploadMedia.media) throw error ?? new Error(JSON.stringify(data?.uploadMedia.userErrors))
  return data.uploadMedia.media
}

/** The list of a tag, with what the cache holds of it so far. */
async function page(tag: string, after: string | null = null) {
  const { data, error } = await client.query(LIBRARY, { first: 2, after, filter: { tag: [tag] } })
  if (!data) throw error
  return data.mediaItems
}
const names = (list: Awaited<ReturnType<typeof page>>) => list.edges.map(({ node }) => node.originalFileName)

test('uploads a file, and what is said about it', async () => {
  expect(await upload({ file: file('straße 日本.png'), tags: ['upload'], title: 'Harbour' })).toMatchObject({
    originalFileName: 'straße 日本.png',
    title: 'Harbour',
    kind: 'IMAGE',
    size: photo.size,
    tags: ['upload'],
  })
})

test('grows a list page by page, beside another list of its own', async () => {
  for (const name of ['1', '2', '3', '4', '5']) await upload({ file: file(name), tags: ['pages'] })
  await upload({ file: file('other'), tags: ['other'] })
  const first = await page('pages')
  expect(names(first)).toEqual(['5', '4'])
  const second = await page('pages', first.pageInfo.endCursor)
  expect(names(second)).toEqual(['5', '4', '3', '2'])
  const third = await page('pages', second.pageInfo.endCursor)
  expect(names(third)).toEqual(['5', '4', '3', '2', '1'])
  expect(third.pageInfo.hasNextPage).toBe(false)
  expect(names(await page('other'))).toEqual(['other'])
})

test('shows a change without asking again, and no longer what was deleted', async () => {
  const first = await upload({ file: file('first'), tags: ['cache'], title: 'before' })
  const second = await upload({ file: file('second'), tags: ['cache'], title: 'gone' })
  expect((await page('cache')).edges.map(({ node }) => node.title)).toEqual(['gone', 'before'])
  await client.mutation(UPDATE, { input: { id: first.id, title: 'after' } })
  const read = client.readQuery(LIBRARY, { first: 2, after: null, filter: { tag: ['cache'] } })
  expect(read?.data?.mediaItems.edges.map(({ node }) => node.title)).toEqual(['gone', 'after'])
  await client.mutation(DELETE, { input: { id: second.id } })
  expect((await page('cache')).edges.map(({ node }) => node.title)).toEqual(['after'])
})

test('gets what the user can mend as data, and everything else as an error with a code', async () => {
  const { data } = await client.mutation(UPDATE, {
    input: { id: '01900000-0000-7000-8000-000000000000', title: 'x' },
  })
  expect(data?.updateMedia).toMatchObject({
    media: null,
    userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }],
  })
  const stranger = urqlClient(gateway.url, 'mgw_root_wrong')
  const refused = await stranger.query(LIBRARY, {})
  expect(refused.error?.graphQLErrors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } },
  ])
})

test('hears of what happens, and misses nothing while its connection is broken', async () => {
  await using line = await breakableLine(gateway.url)
  const follower = urqlClient(line.url, 'mgw_root_secretsecretsecret')
  const variables = { first: 2, filter: { tag: ['events'] } }
  const cached = () =>
    follower.readQuery(LIBRARY, variables)?.data?.mediaItems.edges.map(({ node }) => node.title)
  const { events, add, until } = heard()
  const following = follower
    .subscription(EVENTS, { filter: { tag: ['events'] }, after: FROM_THE_START })
    .subscribe(({ data, error }) =>
      error ? add(error.message, null) : add(data?.mediaEvents.type, data?.mediaEvents.media?.title),
    )
  try {
    const { id } = await upload({ file: file('heard'), tags: ['events'], title: 'one' })
    await until(1)
    await follower.query(LIBRARY, variables)
    line.cut()
    await client.mutation(UPDATE, { input: { id, title: 'two' } })
    await until(2)
    expect(cached()).toEqual(['two'])
    await client.mutation(DELETE, { input: { id } })
    await until(3)
    expect(events).toEqual(['CREATED one', 'UPDATED two', 'DELETED -'])
    expect(cached()).toBeUndefined()
  } finally {
    following.unsubscribe()
  }
})
