import { DOORS } from './doors.ts'
import { type OpenSite, startSite } from './start-site.ts'

/** Each way in has another rule: what came by one must not be taken for what came by another. */
const RULES = {
  upload: 'door:upload=P1D,after:upload',
  ticket: 'door:ticket=P2D,after:upload',
  tus: 'door:tus=P3D,after:upload',
  import: 'door:import+type:text/plain=P4D,after:upload',
} as const
const DAYS = { upload: 1, ticket: 2, tus: 3, import: 4 } as const

let site: OpenSite
beforeAll(async () => {
  site = await startSite({ RETENTION_RULES: Object.values(RULES).join(' ') })
})
afterAll(() => site.close())

/** By hand: the door of a content is that of the media which it is given to, and those are made by upload. */
function doorOf({ name, makes }: (typeof DOORS)[number]): keyof typeof RULES {
  if (makes === 'content') return 'upload'
  if (name.startsWith('createUpload')) return 'ticket'
  if (name.startsWith('tus')) return 'tus'
  return name.startsWith('import') ? 'import' : 'upload'
}

test('rules go by the door, and by the content that it has brought, at every one of them', async () => {
  const seen = new Set<string>()
  for (const door of DOORS) {
    const { mediaId } = await door.send(site, { bytes: Buffer.from('just text'), fileName: 'a.txt' })
    const { media } = await site.gateway.query(
      `query($id: ID!) { media(id: $id) { contentUpdatedAt expiresAt retention { rule } } }`,
      { id: mediaId },
    )
    const way = doorOf(door)
    seen.add(way)
    const days = (Date.parse(media.expiresAt) - Date.parse(media.contentUpdatedAt)) / 86_400_000
    expect([door.name, media.retention?.rule, days]).toEqual([door.name, RULES[way].split('=')[0], DAYS[way]])
  }
  expect([...seen].sort()).toEqual(Object.keys(RULES).sort())
})

test('a name whose media has expired is free for a new one at every door, though no sweep has come by', async () => {
  const { database } = site.gateway.app.foundation
  const file = { bytes: Buffer.from('named'), fileName: 'a.txt', fields: { name: 'one after the other' } }
  const made: unknown[] = []
  for (const door of DOORS.filter(({ makes }) => makes === 'media')) {
    const { mediaId, refusal } = await door.send(site, file)
    expect([door.name, refusal]).toEqual([door.name, undefined])
    made.push(mediaId)
    await database.query(
      `UPDATE media SET expires_at = clock_timestamp(), expires_by = coalesce(expires_by, 'given') WHERE id = $1`,
      [mediaId],
    )
  }
  const gone = await database.query<{ id: string }>(
    `SELECT m.id FROM media m JOIN outbox o ON o.media_id = m.id AND o.type = 'media.expired'
     WHERE m.name = $1 AND m.deleted_at IS NOT NULL ORDER BY o.seq`,
    [file.fields.name],
  )
  expect(gone.map(({ id }) => id)).toEqual(made.slice(0, -1))
})
