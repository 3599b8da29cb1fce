import { DOORS } from './doors.ts'
import { PRESIGNED_DOORS } from './presigned-doors.ts'
import { type OpenSite, startSite } from './start-site.ts'

// Whichever way bytes come in, they go to the store that the rules or the upload itself say, and the media says so.

const RULES = 'kind:VIDEO=videos account:acme+kind:AUDIO=tapes account:other=elsewhere account:acme=house'

let site: OpenSite
beforeAll(async () => {
  site = await startSite({
    STORES: 'videos=memory: tapes=memory: house=memory: elsewhere=memory: archive=memory:',
    STORE_RULES: RULES,
    STORES_OFFERED: 'archive',
  })
})
// Closing it asks the doctor, who looks for each object in the store that its row names.
afterAll(() => site.close())

const bytes = Buffer.from('what lies where it should')

/** Where a media says that it lies, and where its current bytes do. */
async function placesOf(mediaId: string | undefined) {
  const [places] = await site.gateway.app.foundation.database.query<Record<'said' | 'lies', string>>(
    'SELECT m.store_id AS said, b.store_id AS lies FROM media m JOIN blob b ON b.id = m.blob_id WHERE m.id = $1',
    [mediaId],
  )
  return places
}

// Stores in memory hand out no presigned requests, on whatever store the other suites run.
const doors = DOORS.filter(door => !PRESIGNED_DOORS.includes(door))

describe.each(doors.map(door => [door.name, door] as const))('through %s', (_name, door) => {
  test.each([
    ['a file of no declared kind', undefined, 'house'],
    ['a declared video', 'video/mp4', 'videos'],
    ['declared audio', 'audio/mpeg', 'tapes'],
  ])('%s goes by the first rule that fits', async (_what, mimeType, storeId) => {
    const { mediaId } = await door.send(site, { bytes, mimeType })
    expect(await placesOf(mediaId)).toEqual({ said: storeId, lies: storeId })
  })

  // Of a replacement the media was there before: what is said goes to the upload that made it.
  if (door.makes === 'content') return

  test('an upload goes to the store that it asks for, if that is offered', async () => {
    const { mediaId } = await door.send(site, {
      bytes,
      mimeType: 'video/mp4',
      fields: { storeId: 'archive' },
    })
    expect(await placesOf(mediaId)).toEqual({ said: 'archive', lies: 'archive' })
  })

  test.each(['videos', 'no-such-store', ''])(
    'one that asks for %j, which is not offered, is refused',
    async storeId => {
      const { refusal } = await door.send(site, { bytes, fields: { storeId } })
      expect(refusal).toMatchObject({ code: 'INVALID_INPUT', field: 'storeId' })
    },
  )
})

test('a new content goes where it is asked to, and the versions before stay where they lie', async () => {
  const { gateway } = site
  const { media } = await gateway.upload({ bytes })
  const { createUpload } = await gateway.query(
    `mutation($id: ID!) { createUpload(input: { replaces: { id: $id }, storeId: "archive" }) { ticket { id putUrl } } }`,
    { id: media.id },
  )
  const { id, putUrl } = createUpload.ticket
  await fetch(putUrl, { method: 'PUT', body: 'a new content' })
  await gateway.query('mutation($id: ID!) { completeUpload(input: { id: $id }) { media { id } } }', { id })
  expect(await placesOf(media.id)).toEqual({ said: 'archive', lies: 'archive' })
  for (const [version, text] of [
    [1, bytes.toString()],
    [2, 'a new content'],
  ]) {
    const answer = await fetch(`${gateway.url}/media/${media.id}/content?v=${version}`, {
      headers: { authorization: site.authorization ?? '' },
    })
    expect(await answer.text()).toBe(text)
  }
})
