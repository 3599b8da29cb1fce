import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import type { GraphQLClient } from '../support/gql.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ TRASH_DAYS: '0' })
})
afterAll(() => gateway.close())

const RESTORE = `mutation R($input: RestoreMediaInput!) { restoreMedia(input: $input) { clientMutationId
  media { id name tags title revision deletedAt } userErrors { __typename code field } } }`
const NEVER = '01234567-89ab-7def-8123-456789abcdef'

const newMedia = async (input: object = {}): Promise<string> =>
  (await gateway.upload({ bytes: Buffer.from('content') }, { ...input })).media.id
const remove = (id: string) =>
  gateway.query(`mutation { deleteMedia(input: { id: "${id}" }) { deletedMediaId } }`)
const restore = async (id: string, client: GraphQLClient = gateway) =>
  (await client.query(RESTORE, { input: { id, clientMutationId: 'c' } })).restoreMedia
const status = async (path: string) =>
  (await fetch(path.startsWith('/') ? gateway.url + path : path, { headers: { authorization: ADMIN } }))
    .status
const eventsOf = async (id: string) =>
  (
    await gateway.app.foundation.database.query<{ type: string }>(
      `SELECT type FROM outbox WHERE media_id = $1 ORDER BY seq`,
      [id],
    )
  ).map(({ type }) => type)

test('what was deleted is there again as it was: in lists, tags, collections, and behind its links', async () => {
  const id = await newMedia({ name: 'back', title: 'T', tags: ['restored'] })
  const { createCollection } = await gateway.query(
    `mutation { createCollection(input: { name: "C" }) { collection { id } } }`,
  )
  const collection = createCollection.collection.id
  await gateway.query(
    `mutation { addToCollection(input: { collectionId: "${collection}", mediaIds: ["${id}"] }) { userErrors { code } } }`,
  )
  const { createShareLink } = await gateway.query(
    `mutation { createShareLink(input: { mediaId: "${id}", expiresIn: 60 }) { url } }`,
  )
  const SEEN = `{ mediaByName(name: "back") { id title } tags(prefix: "restored") { nodes { name mediaCount } }
    collection(id: "${collection}") { media { nodes { id } } } }`
  const before = await gateway.query(SEEN)
  await remove(id)
  expect(await gateway.query(SEEN)).not.toEqual(before)
  expect([await status(`/media/${id}/content`), await status(createShareLink.url)]).toEqual([404, 404])

  const { media, userErrors, clientMutationId } = await restore(id)
  expect([media.id, media.name, media.tags, media.deletedAt, userErrors, clientMutationId]).toEqual([
    ...[id, 'back', ['restored'], null, [], 'c'],
  ])
  expect(await gateway.query(SEEN)).toEqual(before)
  expect([await status(`/media/${id}/content`), await status(createShareLink.url)]).toEqual([200, 200])
  expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted', 'media.restored'])
  expect(await gateway.app.trash.empty()).toBe(0)
})

test('what is not in the trash is given as it is, without an event', async () => {
  const id = await newMedia()
  await remove(id)
  const first = await restore(id)
  expect(await restore(id)).toEqual(first)
  expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted', 'media.restored'])
})

test('a name that another media has taken is a conflict, and it stays in the trash until that is mended', async () => {
  const id = await newMedia({ name: 'wanted' })
  await remove(id)
  const rival = await newMedia({ name: 'wanted' })
  expect(await restore(id)).toEqual({
    media: null,
    clientMutationId: 'c',
    userErrors: [{ __typename: 'ConflictError', code: 'NAME_TAKEN', field: ['input', 'id'] }],
  })
  expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted'])
  await gateway.query(
    `mutation { updateMedia(input: { id: "${rival}", name: "other" }) { userErrors { code } } }`,
  )
  expect((await restore(id)).media.name).toBe('wanted')
})

test('what is gone, never was, or belongs to others is not found, all in the same words', async () => {
  const gone = await newMedia()
  await remove(gone)
  await gateway.app.trash.empty()
  const theirs = await newMedia()
  await remove(theirs)
  const foreign = gateway.as(FOREIGN)
  const answers = [await restore(gone)]
  for (const id of [theirs, gone, NEVER, '', 'a\0b', '\ud800', `col_${NEVER}`])
    answers.push(await restore(id, foreign))
  expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0].userErrors).toEqual([
    { __typename: 'NotFoundError', code: 'NOT_FOUND', field: ['input', 'id'] },
  ])
  expect((await restore(theirs)).media.id).toBe(theirs)
})

test('an owner restores what is theirs, and nobody by a group', async () => {
  const client = async (owner: string, groupIds: string[] = []) => {
    const scopes = ['media:create', 'media:read', 'media:delete']
    const { key, secret } = await gateway.app.keys.create({
      accountId: 'acme',
      scopes,
      owner: { id: owner },
      groupIds,
    })
    return gateway.as(`Bearer mgw_${key.id}_${secret}`)
  }
  const [anna, berta] = [await client('anna'), await client('berta', ['g'])]
  const { media } = await anna.upload({ bytes: Buffer.from('x') }, { groupIds: ['g'] })
  await remove(media.id)
  expect((await restore(media.id, berta)).userErrors[0].code).toBe('NOT_FOUND')
  expect((await restore(media.id, anna)).media.id).toBe(media.id)
})

test('a held media comes out of the trash, too, and its hold with it', async () => {
  const id = await newMedia()
  await remove(id)
  await gateway.query(
    `mutation { applyLegalHold(input: { mediaId: "${id}", reason: "r", includeDeleted: true }) { userErrors { code } } }`,
  )
  expect((await restore(id)).userErrors).toEqual([])
  const { deleteMedia } = await gateway.query(
    `mutation { deleteMedia(input: { id: "${id}" }) { userErrors { code } } }`,
  )
  expect(deleteMedia.userErrors).toEqual([{ code: 'LEGAL_HOLD' }])
})
