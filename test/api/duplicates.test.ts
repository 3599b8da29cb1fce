import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import type { GraphQLClient } from '../support/gql.ts'
import { replaceContent } from '../support/replace.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const FIELDS = 'id duplicateOf { id title createdAt duplicateOf { id } }'
const upload = async (content: string, client: GraphQLClient = gateway, input: object = {}) =>
  (await client.upload({ bytes: Buffer.from(content) }, { ...input }, FIELDS)).media
const read = async (id: string) =>
  (await gateway.query(`query M($id: ID!) { media(id: $id) { ${FIELDS} } }`, { id })).media
const remove = (id: string) =>
  gateway.query(`mutation { deleteMedia(input: { id: "${id}" }) { deletedMediaId } }`)

async function owner(id: string, scopes = ['media:create', 'media:read']): Promise<GraphQLClient> {
  const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes, owner: { id } })
  return gateway.as(`Bearer mgw_${key.id}_${secret}`)
}

test('an upload says which media has the same content, the oldest of them', async () => {
  const first = await upload('same', gateway, { title: 'first' })
  const second = await upload('same')
  const third = await upload('same')
  expect(first.duplicateOf).toBeNull()
  for (const later of [second, third, await read(second.id), await read(third.id)])
    expect(later.duplicateOf).toMatchObject({ id: first.id, title: 'first', duplicateOf: null })
  await remove(first.id)
  expect((await read(third.id)).duplicateOf.id).toBe(second.id)
  expect((await read(second.id)).duplicateOf).toBeNull()
  expect((await upload('another')).duplicateOf).toBeNull()
})

test('what the viewer may not see is no answer: not of another account, not of another owner', async () => {
  const [anna, berta] = [await owner('anna'), await owner('berta')]
  const hers = await upload('private', anna)
  expect((await upload('private', gateway.as(FOREIGN))).duplicateOf).toBeNull()
  expect((await upload('private', berta)).duplicateOf).toBeNull()
  expect((await upload('private', anna)).duplicateOf.id).toBe(hers.id)
  const seen = await upload('private')
  expect(seen.duplicateOf.id).toBe(hers.id)
  const blind = await owner('anna', ['media:create'])
  await expect(upload('private', blind)).rejects.toThrow('FORBIDDEN')
})

test('it follows the present content', async () => {
  const [a, b] = [await upload('version one'), await upload('version two')]
  expect(b.duplicateOf).toBeNull()
  const target = { url: gateway.url, authorization: ADMIN }
  await replaceContent(target, { bytes: Buffer.from('version one') }, { id: b.id })
  expect((await read(b.id)).duplicateOf.id).toBe(a.id)
  await replaceContent(target, { bytes: Buffer.from('version three') }, { id: a.id })
  expect((await read(b.id)).duplicateOf).toBeNull()
})
