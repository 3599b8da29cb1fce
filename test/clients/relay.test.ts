import {
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  type GraphQLTaggedNode,
  getFragment,
  getRequest,
  getSingularSelector,
  type MutationParameters,
  requestSubscription,
} from 'relay-runtime'
import type { mediaLibrary_media$data } from '../../examples/relay/__generated__/mediaLibrary_media.graphql.ts'
import type { mediaLibrary_query$data } from '../../examples/relay/__generated__/mediaLibrary_query.graphql.ts'
import type { mediaLibraryDeleteMutation } from '../../examples/relay/__generated__/mediaLibraryDeleteMutation.graphql.ts'
import paginationQuery, {
  type mediaLibraryPaginationQuery,
} from '../../examples/relay/__generated__/mediaLibraryPaginationQuery.graphql.ts'
import type { mediaLibraryQuery } from '../../examples/relay/__generated__/mediaLibraryQuery.graphql.ts'
import refetchQuery, {
  type mediaLibraryRefetchQuery,
} from '../../examples/relay/__generated__/mediaLibraryRefetchQuery.graphql.ts'
import type { mediaLibrarySubscription } from '../../examples/relay/__generated__/mediaLibrarySubscription.graphql.ts'
import type { mediaLibraryUpdateMutation } from '../../examples/relay/__generated__/mediaLibraryUpdateMutation.graphql.ts'
import type { mediaLibraryUploadMutation } from '../../examples/relay/__generated__/mediaLibraryUploadMutation.graphql.ts'
import { relayEnvironment } from '../../examples/relay/environment.ts'
import {
  events as eventsSubscription,
  keepingUp,
  library,
  libraryQuery,
  mediaCard,
  remove,
  update,
  upload,
} from '../../examples/relay/media-library.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { breakableLine } from './breakable-line.ts'
import { FROM_THE_START, heard } from './heard.ts'

const photo = fixture('photo.png')
let gateway: TestApp
let environment: ReturnType<typeof relayEnvironment>
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())
beforeEach(() => {
  environment = relayEnvironment(gateway.url, 'mgw_root_secretsecretsecret')
})

/** What a component with this fragment sees now. */
function read<Data>(fragment: GraphQLTaggedNode, reference: unknown): Data {
  const selector = getSingularSelector(getFragment(fragment), reference)
  if (!selector) throw new Error('no such reference')
  const { data, isMissingData } = environment.lookup(selector)
  if (isMissingData) throw new Error('something is missing in the store')
  return data as Data
}

async function mutate<Mutation extends MutationParameters>(
  mutation: GraphQLTaggedNode,
  variables: Mutation['variables'],
  uploadables?: Record<string, File | Blob>,
): Promise<Mutation['response']> {
  return new Promise((resolve, reject) => {
    commitMutation<Mutation>(environment, {
      mutation,
      variables,
      uploadables,
      onCompleted: (response, errors) => (errors ? reject(new Error(errors[0]?.message)) : resolve(response)),
      onError: reject,
    })
  })
}

async function add(name: string, tag: string, connections: string[] = []) {
  const { uploadMedia } = await mutate<mediaLibraryUploadMutation>(
    upload,
    { input: { file: null, tags: [tag], title: `title of ${name}` }, connections },
    { 'input.file': new File([new Uint8Array(photo.bytes())], name, { type: 'image/png' }) },
  )
  expect(uploadMedia.userErrors).toEqual([])
  return read<mediaLibrary_media$data>(mediaCard, uploadMedia.media)
}

/** A list as a component shows it. */
async function list(tag: string) {
  const variables = { first: 2, filter: { tag: [tag] } }
  environment.retain(createOperationDescriptor(getRequest(libraryQuery), variables))
  const root = await fetchQuery<mediaLibraryQuery>(environment, libraryQuery, variables).toPromise()
  const connection = () => read<mediaLibrary_query$data>(library, root).mediaItems
  const cards = () => connection().edges.map(({ node }) => read<mediaLibrary_media$data>(mediaCard, node))
  return {
    id: connection().__id,
    names: () => cards().map(card => card.originalFileName),
    titles: () => cards().map(card => card.title),
    hasNext: () => connection().pageInfo.hasNextPage,
    /** What `loadNext(2)` of `usePaginationFragment` asks for. */
    async next() {
      const after = connection().pageInfo.endCursor
      const more = { ...variables, after }
      await fetchQuery<mediaLibraryPaginationQuery>(environment, paginationQuery, more).toPromise()
    },
  }
}

async function changeElsewhere(input: { id: string; title: string }) {
  const change = 'mutation ($input: UpdateMediaInput!) { updateMedia(input: $input) { userErrors { code } } }'
  await gateway.query(change, { input })
}

test('uploads a file to the top of a list that grows page by page', async () => {
  for (const name of ['1', '2', '3', '4', '5']) await add(name, 'pages')
  const pages = await list('pages')
  expect(pages.names()).toEqual(['5', '4'])
  expect(await add('6 日本', 'pages', [pages.id])).toMatchObject({ kind: 'IMAGE', size: photo.size })
  expect(pages.names()).toEqual(['6 日本', '5', '4'])
  await pages.next()
  expect(pages.names()).toEqual(['6 日本', '5', '4', '3', '2'])
  await pages.next()
  expect(pages.names()).toEqual(['6 日本', '5', '4', '3', '2', '1'])
  expect(pages.hasNext()).toBe(false)
})

test('fetches one media again by its id, and shows the change wherever it stands', async () => {
  const { id } = await add('again', 'again')
  const shown = await list('again')
  expect(shown.titles()).toEqual(['title of again'])
  await changeElsewhere({ id, title: 'changed elsewhere' })
  await fetchQuery<mediaLibraryRefetchQuery>(environment, refetchQuery, { id }).toPromise()
  expect(shown.titles()).toEqual(['changed elsewhere'])
})

test('shows a change, and no longer what was deleted, without asking again', async () => {
  const first = await add('first', 'cache')
  const second = await add('second', 'cache')
  const shown = await list('cache')
  await mutate<mediaLibraryUpdateMutation>(update, { input: { id: first.id, title: 'after' } })
  expect(shown.titles()).toEqual(['title of second', 'after'])
  await mutate<mediaLibraryDeleteMutation>(remove, { input: { id: second.id }, connections: [shown.id] })
  expect(shown.titles()).toEqual(['after'])
  expect(environment.getStore().getSource().get(second.id)).toBeNull()
})

test('gets what the user can mend as data, and everything else as an error', async () => {
  const input = { id: '01900000-0000-7000-8000-000000000000' }
  expect(await mutate<mediaLibraryDeleteMutation>(remove, { input, connections: [] })).toMatchObject({
    deleteMedia: { deletedMediaId: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }] },
  })
  const tooMany = fetchQuery<mediaLibraryQuery>(environment, libraryQuery, { first: 101 }).toPromise()
  await expect(tooMany).rejects.toMatchObject({
    source: { errors: [{ extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) } }] },
  })
})

test('hears of what happens, and misses nothing while its connection is broken', async () => {
  await using line = await breakableLine(gateway.url)
  environment = relayEnvironment(line.url, 'mgw_root_secretsecretsecret')
  const shown = await list('events')
  const { events, add: hear, until } = heard()
  const { dispose } = requestSubscription<mediaLibrarySubscription>(environment, {
    subscription: eventsSubscription,
    variables: { filter: { tag: ['events'] }, after: FROM_THE_START },
    updater: keepingUp(shown.id),
    onNext: response => hear(response?.mediaEvents.type, null),
    onError: error => hear(error.message, null),
  })
  try {
    const { id } = await add('heard', 'events', [shown.id])
    await until(1)
    expect(shown.titles()).toEqual(['title of heard'])
    line.cut()
    await changeElsewhere({ id, title: 'two' })
    await until(2)
    expect(shown.titles()).toEqual(['two'])
    await gateway.query('mutation ($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }', { id })
    await until(3)
    expect(events).toEqual(['CREATED -', 'UPDATED -', 'DELETED -'])
    expect(shown.titles()).toEqual([])
  } finally {
    dispose()
  }
})
