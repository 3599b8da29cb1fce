import { createHash } from 'node:crypto'
import { ADMIN, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { pictureTools } from '../support/pictures.ts'
import { process } from '../support/processing.ts'
import { filesWith, inAllForms, tablesWith } from '../support/remains.ts'
import { replaceContent } from '../support/replace.ts'
import { type Taken, waysOut } from '../support/ways-out.ts'
import { DOORS } from './doors.ts'
import { type OpenSite, startSite } from './start-site.ts'

/** What is said of every media here, and what its bytes hold. */
const CANARY = 'Canary7f3a'
/** Names of groups say who somebody is, not what a media was: events keep them, to be judged by. */
const GROUP = 'group-of-canaries'

const SAID = {
  title: `${CANARY} title`,
  description: `${CANARY} description`,
  altText: `${CANARY} alt`,
  tags: [`${CANARY} tag`],
  metadataPrimary: `${CANARY} primary`,
  metadataSecondary: `${CANARY} secondary`,
  metadata: { [`${CANARY} key`]: [`${CANARY} value`] },
  geolocation: { latitude: 12.345678, longitude: 98.765432 },
  conversationId: `${CANARY} conversation`,
  groupIds: [GROUP],
  sourceType: `${CANARY} source`,
  cacheControl: 'max-age=7654321',
}
const TEXTS = [...inAllForms(CANARY), '12.345678', '98.765432', 'max-age=7654321']

/** Where ids of media are before the purge: the search finds them, in columns of every kind. */
const BEFORE = [
  'collection_media',
  'idempotency',
  'legal_hold',
  'media',
  'media_tag',
  'media_version',
  'outbox',
  'processing_step',
  'share_link',
  'tus_upload',
  'upload_ticket',
]
/**
 * Where they are afterwards: the record of the purge, and the audit log; what was told, and what a repeated request must not make again, for as long as these
 * are kept; and jobs that find nothing to do. Each holds the id and nothing else of it.
 */
const AFTER = ['audit_event', 'graphile_worker._private_jobs', 'idempotency', 'outbox', 'purge']

let site: OpenSite
let gateway: TestApp
beforeAll(async () => {
  site = await startSite({ STRIP_ON_PUBLIC: 'on' })
  gateway = site.gateway
})
afterAll(() => site.close())

const { image, fetched } = pictureTools(() => gateway)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Through every door one, and all that can be made of a media besides; their ids, and the hashes of their contents. */
async function everything() {
  const hashes: string[] = []
  const ids: string[] = []
  for (const [number, door] of DOORS.entries()) {
    const bytes = Buffer.from(`${CANARY} content ${number}`)
    const { mediaId } = await door.send(site, {
      bytes,
      fileName: `${CANARY}.txt`,
      mimeType: 'text/x-canary7f3a',
      fields: SAID,
    })
    if (mediaId === undefined) throw new Error(`${door.name} has refused it`)
    ids.push(mediaId)
    hashes.push(sha256(bytes))
  }
  const bytes = Buffer.concat([fixture('photo-gps.jpg').bytes(), Buffer.from(CANARY)])
  const input = { ...SAID, name: `${CANARY} name`, public: true, idempotencyKey: 'once' }
  const { media } = await gateway.upload({ bytes, fileName: `${CANARY}.jpg` }, input)
  await process(gateway, media.id)
  const picture = (await image(media.id, { width: 30, format: 'PNG' })).url
  const ways = [
    { name: 'a picture', take: async () => fetched(picture) },
    ...(await waysOut(gateway, media.id, 1)),
  ]
  for (const { take } of ways) await take()
  // Who has no right to the media itself gets it without its place.
  expect((await fetch(`${gateway.url}/media/${media.id}/content`)).status).toBe(200)

  const { createCollection } = await gateway.query(
    `mutation { createCollection(input: { name: "kept" }) { collection { id } } }`,
  )
  const collectionId = createCollection.collection.id
  const { applyLegalHold, createShareLink } = await gateway.query(
    `mutation($id: ID!, $collection: ID!, $reason: String!) {
       addToCollection(input: { collectionId: $collection, mediaIds: [$id] }) { userErrors { code } }
       createShareLink(input: { mediaId: $id }) { shareLink { id } }
       applyLegalHold(input: { mediaId: $id, reason: $reason }) { legalHold { id } } }`,
    { id: media.id, collection: collectionId, reason: `${CANARY} reason` },
  )
  await gateway.query(`mutation($id: ID!) { releaseLegalHold(input: { id: $id }) { userErrors { code } } }`, {
    id: applyLegalHold.legalHold.id,
  })
  const second = Buffer.from(`${CANARY} second`)
  const replaced = await replaceContent(
    { url: gateway.url, authorization: ADMIN },
    { bytes: second, fileName: `${CANARY}.second` },
    { id: ids[0] },
  )
  expect(replaced.userErrors).toEqual([])
  return {
    ids: [...ids, media.id as string],
    hashes: [...hashes, sha256(bytes), sha256(second)],
    ways,
    others: [collectionId, createShareLink.shareLink.id, applyLegalHold.legalHold.id] as string[],
  }
}

test('of what came through any door, a purge leaves no byte in database, store, folders or answers', async () => {
  const { database } = gateway.app.foundation
  const stored = new Set(await gateway.storedNames())
  const { ids, hashes, ways, others } = await everything()
  const traces = [...TEXTS, ...hashes, ...hashes.map(hash => hash.slice(0, 32)), ...hashes.flatMap(base64)]

  const seenBefore = await tablesWith(database, ids)
  expect(seenBefore).toEqual(expect.arrayContaining(BEFORE))
  expect(await tablesWith(database, traces)).toEqual(
    expect.arrayContaining(['blob', 'media', 'redaction', 'tus_upload', 'upload_ticket', 'variant']),
  )

  const { deleteMediaBatch } = await gateway.query(
    `mutation($ids: [ID!]!) { deleteMediaBatch(input: { ids: $ids, permanent: true }) { count results { purgedAt } } }`,
    { ids },
  )
  expect(deleteMediaBatch.count).toBe(ids.length)
  expect(
    deleteMediaBatch.results.filter(({ purgedAt }: Taken & { purgedAt: string | null }) => !purgedAt),
  ).toEqual([])

  expect((await gateway.storedNames()).filter(name => !stored.has(name))).toEqual([])
  expect(await tablesWith(database, traces)).toEqual([])
  expect((await tablesWith(database, ids)).filter(name => !AFTER.includes(name))).toEqual([])
  expect((await tablesWith(database, [GROUP])).filter(name => name !== 'outbox')).toEqual([])
  for (const folder of [gateway.dataDir, gateway.tempFolder]) {
    expect([folder, await filesWith(folder, [CANARY])]).toEqual([folder, []])
  }

  for (const { name, take } of ways) {
    const { status, body, code } = { code: null, ...(await take()) }
    const isArchive = name === 'an archive'
    expect([name, isArchive ? code : status]).toEqual([name, isArchive ? 'NOT_FOUND' : 404])
    expect([name, body.includes(CANARY)]).toEqual([name, false])
  }
  const told = JSON.stringify(
    await gateway.query(
      `query($ids: [ID!]!, $other: [ID!]!) {
         nodes(ids: $ids) { id } others: nodes(ids: $other) { ... on Collection { media { nodes { id title } } } ... on ShareLink { id } ... on LegalHold { reason } }
         mediaItems { nodes { id title sha256 } } trash: mediaItems(filter: { deleted: true }) { nodes { id title } }
         search: mediaItems(filter: { search: "canary" }) { totalCount }
         tags { nodes { name } } mediaFacets { kinds { value count } tags { value count } mimeTypes { value count } }
         legalHolds(includeReleased: true) { nodes { reason mediaId } } }`,
      { ids, other: others },
    ),
  )
  expect([...traces, ...ids].filter(trace => told.toLowerCase().includes(trace.toLowerCase()))).toEqual([])
  // The same request as before makes nothing again.
  const again = await gateway.upload(
    { bytes: Buffer.from('x') },
    { name: `${CANARY} name`, idempotencyKey: 'once' },
  )
  expect(again.userErrors[0]?.code).toMatch(/^IDEMPOTENCY_/)
}, 180_000)

/** A SHA-256 as bytes in Base64, as headers have it. */
const base64 = (hash: string): string[] => [Buffer.from(hash, 'hex').toString('base64')]
