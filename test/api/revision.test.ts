import { startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const ERRORS = `userErrors { __typename code field ... on RevisionConflictError { current } }`
const UPDATE = `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) { media { title revision } ${ERRORS} } }`
const DELETE = `mutation D($input: DeleteMediaInput!) { deleteMedia(input: $input) { deletedMediaId ${ERRORS} } }`

const newMedia = async (): Promise<{ id: string; revision: string }> =>
  (await gateway.upload({ bytes: Buffer.from('content') }, {}, 'id revision')).media
const update = async (input: object) => (await gateway.query(UPDATE, { input })).updateMedia
const remove = async (input: object) => (await gateway.query(DELETE, { input })).deleteMedia
const revisionOf = async (id: string): Promise<string> =>
  (await gateway.query(`query R($id: ID!) { media(id: $id) { revision } }`, { id })).media.revision

test('each change gives another revision, and a list shows the same one as a get', async () => {
  const { id, revision } = await newMedia()
  const { media } = await update({ id, title: 'x' })
  expect(media.revision).not.toBe(revision)
  expect(await revisionOf(id)).toBe(media.revision)
  const { mediaItems } = await gateway.query(`{ mediaItems(first: 1) { nodes { id revision } } }`)
  expect(mediaItems.nodes).toEqual([{ id, revision: media.revision }])
})

test('a download is no change', async () => {
  const { id, revision } = await newMedia()
  const { media } = await gateway.query(`query U($id: ID!) { media(id: $id) { url } }`, { id })
  await (await fetch(media.url)).arrayBuffer()
  const { media: after } = await gateway.query(
    `query T($id: ID!) { media(id: $id) { timesDownloaded revision } }`,
    { id },
  )
  expect(after).toEqual({ timesDownloaded: 1, revision })
})

test('a change and a deletion happen when ifMatch is the present revision, null, or absent', async () => {
  const { id, revision } = await newMedia()
  const first = await update({ id, ifMatch: revision, title: 'one' })
  expect(first).toMatchObject({ media: { title: 'one' }, userErrors: [] })
  expect(await update({ id, ifMatch: null, title: 'two' })).toMatchObject({ media: { title: 'two' } })
  const { media } = await update({ id, title: 'three' })
  expect(await remove({ id, ifMatch: media.revision })).toEqual({ deletedMediaId: id, userErrors: [] })
})

test.each(['', 'r', 'r01', 'R1', 'r1 ', 'r999999999999999999999', '*', '"r1"', 'r1\0', '\ud800'])(
  'another revision (%j) is refused with the present one, and nothing is changed',
  async ifMatch => {
    const { id, revision } = await newMedia()
    const { database } = gateway.app.foundation
    const row = () =>
      database.query(
        'SELECT m.*, (SELECT count(*) FROM outbox WHERE media_id = m.id) AS events FROM media m WHERE m.id = $1',
        [id],
      )
    const before = await row()
    const conflict = {
      __typename: 'RevisionConflictError',
      code: 'REVISION_CONFLICT',
      field: ['input', 'ifMatch'],
      current: revision,
    }
    expect(await update({ id, ifMatch, title: 'x' })).toEqual({ media: null, userErrors: [conflict] })
    expect(await remove({ id, ifMatch })).toEqual({ deletedMediaId: null, userErrors: [conflict] })
    expect(await row()).toEqual(before)
  },
)

test('of many changes at once that want the same revision, exactly one happens', async () => {
  for (let round = 0; round < 5; round++) {
    const { id, revision } = await newMedia()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => update({ id, ifMatch: revision, title: `writer ${i}` })),
    )
    const winners = answers.filter(({ media }) => media)
    expect(winners).toHaveLength(1)
    const now = await revisionOf(id)
    for (const { media, userErrors } of answers) if (!media) expect(userErrors[0].current).toBe(now)
    const { media } = await gateway.query(`query T($id: ID!) { media(id: $id) { title } }`, { id })
    expect(media.title).toBe(winners[0].media.title)
  }
})

test('of a change and a deletion at once that want the same revision, exactly one happens', async () => {
  for (let round = 0; round < 5; round++) {
    const { id, revision } = await newMedia()
    const [changed, deleted] = await Promise.all([
      update({ id, ifMatch: revision, title: 'x' }),
      remove({ id, ifMatch: revision }),
    ])
    expect([changed.media, deleted.deletedMediaId].filter(Boolean)).toHaveLength(1)
    const loser = changed.media ? deleted : changed
    expect(loser.userErrors[0].code).toBe(changed.media ? 'REVISION_CONFLICT' : 'NOT_FOUND')
  }
})
