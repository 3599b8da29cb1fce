import { aclMediaIds } from '../../src/features/access/acl.ts'
import { MediaHashes } from '../../src/features/delivery/media-hashes.ts'
import { PresentChanges } from '../../src/features/media/present-change.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { principal } from '../support/principal.ts'
import { replaceContent } from '../support/replace.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ KEEP_VERSIONS: '2', TRASH_DAYS: '1' })
})
afterAll(() => gateway.close())

interface Known {
  readonly id: string
  readonly number: number
  readonly hash: string
  readonly ownerId: string | null
}

const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)

async function made(input: Record<string, unknown> = {}, text = '0123456789'): Promise<Known> {
  const { media, userErrors } = await gateway.upload({ bytes: Buffer.from(text), fileName: 'a.txt' }, input)
  expect(userErrors).toEqual([])
  const [row] = await sql<Known>(`SELECT id, number, hash, owner_id AS "ownerId" FROM media WHERE id = $1`, [
    media.id,
  ])
  return row as Known
}

const all = principal({ accountId: 'acme', scopes: new Set(['*']) })

describe('a media by its number', () => {
  const find = (viewer: typeof all, number: number) => gateway.app.media.getByNumber(viewer, number)
  const idOf = (viewer: typeof all, number: number) => gateway.app.media.idOfNumber(viewer, number, 'delete')

  test('is the media, for who may read it', async () => {
    const { id, number } = await made({ groupIds: ['g'] })
    expect(await find(all, number)).toMatchObject({ id, number })
    const stranger = { ...all, accountId: 'other' }
    const berta = { ...all, scopes: new Set(['media:read']), ownerId: '00000000-0000-7000-8000-000000000000' }
    expect(await find(stranger, number)).toBeNull()
    expect(await find(berta, number)).toBeNull()
    expect(await find({ ...berta, groupIds: ['g'] }, number)).toMatchObject({ id })
    await expect(find({ ...all, scopes: new Set(['media:create']) }, number)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    const acl = [{ segments: ['v3', 'media', id, '**'], methods: null }]
    expect(aclMediaIds(acl, 'GET', '/v3/media/{id}/info')).toEqual(new Set([id]))
    expect(await find({ ...all, acl }, number)).toMatchObject({ id })
    expect(await find({ ...all, acl }, (await made()).number)).toBeNull()
  })

  test('is nothing where there can be none', async () => {
    for (const number of [0, -1, 1.5, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await find(all, number)).toBeNull()
      expect(await idOf(all, number)).toBeNull()
    }
  })

  test('lies in the trash for nobody; its id is known there to who asks for more of it', async () => {
    const { id, number } = await made()
    await gateway.query(`mutation { deleteMedia(input: { id: "${id}" }) { deletedMediaId } }`)
    expect([await find(all, number), await idOf(all, number)]).toEqual([null, id])
    expect(await idOf({ ...all, accountId: 'other' }, number)).toBeNull()
    await expect(idOf({ ...all, scopes: new Set(['media:read']) }, number)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})

describe('a change by what is there', () => {
  const { media, changes } = { media: () => gateway.app.media, changes: () => gateway.app.changes }
  const columns = new Set(['metadata'] as const)
  /** Does something of others' between reading and writing, so many times. */
  const overtaken = (times: number) => {
    let left = times
    return new PresentChanges({
      media: {
        async get(viewer, id, wanted) {
          const row = await media().get(viewer, id, wanted)
          if (left-- > 0) await changes().update(all, { id, fields: { metadata: { others: left } } })
          return row
        },
      },
      changes: changes(),
    })
  }
  const joining = (present: PresentChanges, id: string) =>
    present.update(all, { id, columns, fields: row => ({ metadata: { ...row.metadata, ours: 1 } }) })

  test('is made of what others have written meanwhile', async () => {
    const { id } = await made({ metadata: { first: 1 } })
    expect((await joining(overtaken(0), id)).metadata).toEqual({ first: 1, ours: 1 })
    expect((await joining(overtaken(3), id)).metadata).toEqual({ others: 0, ours: 1 })
  })

  test('gives up where others are faster each time, and is about what one may read', async () => {
    const { id } = await made()
    await expect(joining(overtaken(99), id)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' })
    const present = new PresentChanges({ media: media(), changes: changes() })
    const stranger = { ...all, accountId: 'other' }
    await expect(present.update(stranger, { id, columns, fields: () => ({}) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

/** The two URLs that a hash opens. */
const urlsOf = ({ id, number, hash }: Known, base = gateway.url) => [
  `${base}/media/${id}/content?hash=${hash}`,
  `${base}/media/showVideo/${number}/hash/${hash}`,
]

async function ask(url: string, init: RequestInit = {}) {
  const answer = await fetch(url, init)
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

describe('the hash of a media', () => {
  test('opens its present content without a login, by its id or its number and by no other', async () => {
    const [media, other] = [await made(), await made({}, 'another')]
    for (const url of urlsOf(media)) {
      const { status, headers, body } = await ask(url)
      expect([status, body, headers.get('cache-control')]).toEqual([200, '0123456789', 'private, no-cache'])
      const part = await ask(url, { headers: { range: 'bytes=2-4' } })
      expect([part.status, part.body]).toEqual([206, '234'])
      const etag = headers.get('etag') ?? ''
      expect((await ask(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
    }
    for (const wrong of [
      { ...media, hash: other.hash },
      { ...media, hash: media.id },
      { ...media, hash: 'x' },
      { ...media, hash: '%00' },
    ])
      for (const url of urlsOf(wrong)) expect([url, (await ask(url)).status]).toEqual([url, 404])
    const hashes = new MediaHashes({ database: gateway.app.foundation.database })
    expect(await hashes.redeem({ number: Number.NaN }, media.hash)).toBeNull()
  })

  test('is answered to HEAD as to GET, and that counts no download', async () => {
    const media = await made()
    const counted = async () =>
      (await gateway.query(`{ media(id: "${media.id}") { timesDownloaded } }`)).media.timesDownloaded
    for (const url of urlsOf(media)) {
      const before = await counted()
      const head = await ask(url, { method: 'HEAD' })
      expect([head.status, head.body, await counted()]).toEqual([200, '', before])
      const { headers } = await ask(url)
      expect(await counted()).toBe(before + 1)
      for (const name of ['content-length', 'content-type', 'etag', 'cache-control', 'content-disposition'])
        expect([name, head.headers.get(name)]).toEqual([name, headers.get(name)])
    }
  })

  test('is public where its media is, and keeps to what that says of caches', async () => {
    const media = await made({ public: true, cacheControl: 'max-age=60' })
    for (const url of urlsOf(media)) expect((await ask(url)).headers.get('cache-control')).toBe('max-age=60')
  })

  test('opens what replaces the content, and the earlier one no longer', async () => {
    const media = await made()
    const [content = '', shown = ''] = urlsOf(media)
    await replaceContent(
      { url: gateway.url, authorization: ADMIN },
      { bytes: Buffer.from('replaced') },
      { id: media.id },
    )
    for (const url of [content, shown, `${content}&v=2`]) expect((await ask(url)).body).toBe('replaced')
    expect((await ask(`${content}&v=1`)).status).toBe(404)
    // The other knows no versions: what else its query says is not looked at.
    expect((await ask(`${shown}?v=1`)).body).toBe('replaced')
  })

  test('opens nothing once its media is deleted, and again when that is restored', async () => {
    const media = await made()
    const statuses = async () => {
      const found: number[] = []
      for (const url of urlsOf(media)) found.push((await ask(url)).status)
      return found
    }
    await gateway.query(`mutation { deleteMedia(input: { id: "${media.id}" }) { deletedMediaId } }`)
    expect(await statuses()).toEqual([404, 404])
    await gateway.query(`mutation { restoreMedia(input: { id: "${media.id}" }) { media { id } } }`)
    expect(await statuses()).toEqual([200, 200])
  })

  test('opens nothing of what has expired or has no bytes', async () => {
    const [expired, coming] = [await made(), await made()]
    await sql(`UPDATE media SET expires_at = clock_timestamp(), expires_by = 'given' WHERE id = $1`, [
      expired.id,
    ])
    // As an import whose bytes have not come.
    await sql(`UPDATE media SET content_version = 2 WHERE id = $1`, [coming.id])
    for (const [media, status] of [
      [expired, 410],
      [coming, 409],
    ] as const)
      for (const url of urlsOf(media)) {
        const { status: found, headers } = await ask(url)
        expect([found, headers.get('cache-control')]).toEqual([status, 'no-store'])
      }
    await sql(`UPDATE media SET content_version = 1 WHERE id = $1`, [coming.id])
  })

  test('opens nothing that a scan has not passed, where the operator wants that', async () => {
    const closed = await gateway.beside({ CLAMAV_URL: 'tcp://127.0.0.1:9' })
    const media = await made()
    for (const [scan, status] of [
      ['CLEAN', 200],
      ['PENDING', 409],
      ['ERROR', 409],
      ['INFECTED', 403],
    ] as const) {
      await sql('UPDATE media_version SET scan = $2 WHERE media_id = $1', [media.id, scan])
      for (const url of urlsOf(media, closed.url))
        expect([scan, (await ask(url)).status]).toEqual([scan, status])
    }
    await closed.close()
  })

  test('uses up the downloads that its media has', async () => {
    const media = await made({ maxDownloads: 2 })
    const [content = '', shown = ''] = urlsOf(media)
    for (const [url, status] of [
      [content, 200],
      [shown, 200],
      [content, 403],
      [shown, 403],
    ] as const)
      expect((await ask(url)).status).toBe(status)
  })
})
