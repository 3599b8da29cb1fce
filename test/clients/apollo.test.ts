import { CombinedGraphQLErrors } from '@apollo/client'
import { filter, firstValueFrom, map } from 'rxjs'
import { apolloClient, follow } from '../../examples/clients/apollo.ts'
import type { LibraryQuery, UploadMediaInput } from '../../examples/clients/generated/graphql.ts'
import { DELETE, LIBRARY, UPDATE, UPLOAD } from '../../examples/clients/operations.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { breakableLine } from './breakable-line.ts'
import { FROM_THE_START, heard } from './heard.ts'

const photo = fixture('photo.png')
let gateway: TestApp
let client: ReturnType<typeof apolloClient>
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())
beforeEach(() => {
  client = apolloClient(gateway.url, 'mgw_root_secretsecretsecret')
})
afterEach(() => client.stop())

const file = (name: string) => new File([new Uint8Array(photo.bytes())], name, { type: 'image/png' })

async function upload(input: UploadMediaInput) {
  const { data } = await client.mutate({ mutation: UPLOAD, variables: { input } })
  if (!data?.uploadMedia.media) throw new Error(JSON.stringify(data?.uploadMedia.userErrors))
  return data.uploadMedia.media
}

/** A list as a component shows it, which hears of every change of the cache. */
function watch(tag: string) {
  const variables = { first: 2, filter: { tag: [tag] } }
  const list = client.watchQuery({ query: LIBRARY, variables })
  const names = list.pipe(
    filter(({ dataState }) => dataState === 'complete'),
    map(({ data }) => (data as LibraryQuery).mediaItems.edges.map(({ node }) => node.originalFileName)),
  )
  const cached = () => client.readQuery({ query: LIBRARY, variables }) as LibraryQuery
  return {
    /** When it shows exactly these; never, if it does not. */
    async shows(expected: readonly string[]) {
      await firstValueFrom(names.pipe(filter(shown => shown.join() === expected.join())))
    },
    titles: () => cached().mediaItems.edges.map(({ node }) => node.title),
    /** Whether there is more after the next page. */
    async next() {
      await list.fetchMore({ variables: { after: cached().mediaItems.pageInfo.endCursor } })
      return cached().mediaItems.pageInfo.hasNextPage
    },
  }
}

test('uploads a file, and what is said about it', async () => {
  expect(await upload({ file: file('straße 日本.png'), tags: ['upload'], title: 'Harbour' })).toMatchObject({
    __typename: 'Media',
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
  const list = watch('pages')
  const other = watch('other')
  await Promise.all([list.shows(['5', '4']), other.shows(['other'])])
  expect(await list.next()).toBe(true)
  await list.shows(['5', '4', '3', '2'])
  expect(await list.next()).toBe(false)
  await list.shows(['5', '4', '3', '2', '1'])
  await other.shows(['other'])
})

test('shows a change, and no longer what was deleted, without asking again', async () => {
  const first = await upload({ file: file('first'), tags: ['cache'], title: 'before' })
  const second = await upload({ file: file('second'), tags: ['cache'], title: 'gone' })
  const list = watch('cache')
  await list.shows(['second', 'first'])
  await client.mutate({ mutation: UPDATE, variables: { input: { id: first.id, title: 'after' } } })
  expect(list.titles()).toEqual(['gone', 'after'])
  await client.mutate({
    mutation: DELETE,
    variables: { input: { id: second.id } },
    update: (cache, { data }) => {
      const id = data?.deleteMedia.deletedMediaId
      if (id) cache.evict({ id: cache.identify({ __typename: 'Media', id }) })
    },
  })
  expect(list.titles()).toEqual(['after'])
})

test('gets what the user can mend as data, and everything else as an error with a code', async () => {
  const { data } = await client.mutate({
    mutation: UPDATE,
    variables: { input: { id: '01900000-0000-7000-8000-000000000000', title: 'x' } },
  })
  expect(data?.updateMedia).toMatchObject({
    media: null,
    userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }],
  })
  const refused = await client
    .query({ query: LIBRARY, variables: { first: 101 } })
    .catch((error: unknown) => error)
  if (!CombinedGraphQLErrors.is(refused)) throw refused
  expect(refused.errors).toMatchObject([
    { extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) } },
  ])
})

test('hears of what happens, and misses nothing while its connection is broken', async () => {
  await using line = await breakableLine(gateway.url)
  const follower = apolloClient(line.url, 'mgw_root_secretsecretsecret')
  const cached = (id: string) => (follower.cache.extract() as Record<string, unknown>)[`Media:${id}`]
  const { events, add, until } = heard()
  const variables = { filter: { tag: ['events'] }, after: FROM_THE_START }
  const following = follow(follower, variables).subscribe(({ data, error }) =>
    error ? add(error.message, null) : add(data?.mediaEvents.type, data?.mediaEvents.media?.title),
  )
  try {
    const { id } = await upload({ file: file('heard'), tags: ['events'], title: 'one' })
    await until(1)
    line.cut()
    await client.mutate({ mutation: UPDATE, variables: { input: { id, title: 'two' } } })
    await until(2)
    expect(cached(id)).toMatchObject({ title: 'two' })
    await client.mutate({ mutation: DELETE, variables: { input: { id } } })
    await until(3)
    expect(events).toEqual(['CREATED one', 'UPDATED two', 'DELETED -'])
    expect(cached(id)).toBeUndefined()
  } finally {
    following.unsubscribe()
    follower.stop()
  }
})
