import { isObjectType } from 'graphql'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { examines } from '../../src/features/insight/readers.ts'
import { ADMIN, type TestApp } from '../support/app.ts'
import { IS_THOROUGH } from '../support/counts.ts'
import { type Fixture, fixtures } from '../support/fixtures.ts'
import { process } from '../support/processing.ts'
import type { Door } from './door.ts'
import { DOORS, thirdOfDoors } from './doors.ts'
import { COMPARED, NOT_COMPARED, SELECTION } from './media-fields.ts'
import { type OpenSite, startSite } from './start-site.ts'

let gateway: TestApp
let site: OpenSite
beforeAll(async () => {
  site = await startSite()
  gateway = site.gateway
})
afterAll(() => site.close())

/** Of every type that fields have. */
const SAID = {
  title: 'Größe, "quoted"',
  description: 'two\nlines',
  altText: '🎉',
  tags: ['b', 'a, b', '日本'],
  metadataPrimary: 'p',
  metadataSecondary: '{"not": "parsed"}',
  metadata: { deep: { list: [1, null, 'ü', true] } },
  geolocation: { latitude: -17.5, longitude: 149 },
  conversationId: 'c-1',
  groupIds: ['g1', 'g2'],
  sourceType: 'snapshot',
  public: true,
  maxDownloads: 7,
  cacheControl: 'max-age=60, stale-while-revalidate=5',
  expiresAt: '2999-12-31T23:59:59.500Z',
}

/** Whatever it is made of: what is said of it is here, and what is measured is the manifest's. */
const expected = (fixture: Fixture, door: Door) => ({
  ...SAID,
  name: null,
  originalFileName: fixture.file,
  declaredType: 'application/x-declared',
  size: fixture.size,
  sha256: fixture.sha256,
  ...(fixture.kind === 'good' ? { mimeType: fixture.mimeType } : {}),
  // Whether there is anything to find out, and in the thorough run what is found, is the same at every door.
  ...(IS_THOROUGH || fixture.mimeType === null
    ? {}
    : { status: examines(fixture.mimeType) ? 'PROCESSING' : 'COMPLETED', statusReason: null }),
  contentVersion: door.makes === 'content' ? 2 : 1,
  storeId: 'default',
  timesDownloaded: 0,
  deletedAt: null,
  owner: null,
})

async function cameOf(door: Door, { file, bytes }: Fixture) {
  const sent = { bytes: bytes(), fileName: file, mimeType: 'application/x-declared', fields: SAID }
  const { mediaId, refusal } = await door.send(site, sent)
  expect([door.name, refusal]).toEqual([door.name, undefined])
  if (IS_THOROUGH) await process(gateway, mediaId)
  const { media } = await gateway.query(`query($id: ID!) { media(id: $id) { ${SELECTION} } }`, {
    id: mediaId,
  })
  const answer = await fetch(`${gateway.url}/media/${mediaId}/content`, { headers: { authorization: ADMIN } })
  const isSame = Buffer.from(await answer.arrayBuffer()).equals(sent.bytes)
  expect([door.name, isSame]).toEqual([door.name, true])
  const { 'content-type': type, ...headers } = Object.fromEntries(answer.headers)
  const delivered = [
    'content-disposition',
    'content-security-policy',
    'x-content-type-options',
    'cache-control',
  ]
  return { media, delivered: [type, ...delivered.map(name => headers[name])] }
}

describe('through every door the same media comes of', () => {
  const cases = fixtures.all.map((fixture, number) => {
    const doors = IS_THOROUGH ? DOORS : thirdOfDoors(number)
    return [fixture.file, fixture, doors] as const
  })

  test.each(cases)('%s', async (_, fixture, doors) => {
    let model: Awaited<ReturnType<typeof cameOf>> | undefined
    for (const door of doors) {
      const came = await cameOf(door, fixture)
      model ??= came
      expect([door.name, came.media]).toMatchObject([door.name, expected(fixture, door)])
      const { contentVersion } = came.media
      expect([door.name, came]).toEqual([door.name, { ...model, media: { ...model.media, contentVersion } }])
    }
  })
})

test('what is compared, and what is not, are all fields of a media', () => {
  const type = buildGatewaySchema([]).getType('Media')
  const all = isObjectType(type) ? Object.keys(type.getFields()) : []
  const known = [...COMPARED.fields, ...Object.keys(COMPARED.objects), ...NOT_COMPARED]
  expect(all.filter(field => !known.includes(field))).toEqual([])
})
