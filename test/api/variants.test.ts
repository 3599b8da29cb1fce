import '../support/properties.ts'
import fc from 'fast-check'
import sharp from 'sharp'
import { isPictureItself } from '../../src/features/transform/variants/variant-source.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { fixture, fixtures } from '../support/fixtures.ts'
import { codeOf, IMAGE, pictureTools } from '../support/pictures.ts'
import { replaceContent } from '../support/replace.ts'
import { fateOf, saidOtherwise, transforms } from '../support/transforms.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({
    IMAGE_PRESETS: 'card=w64-h48-webp account:other+card=w32-webp large=w900-jpeg',
    IMAGE_PRESETS_ONLY: 'other',
  })
})
afterAll(() => gateway.close())

const { sql, uploaded, image, fetched, variantsOf, kept } = pictureTools(() => gateway)

const FORMATS: Readonly<Record<string, string>> = {
  JPEG: 'image/jpeg',
  PNG: 'image/png',
  WEBP: 'image/webp',
  AVIF: 'image/avif',
  GIF: 'image/gif',
}

describe('Media.image', () => {
  test('is a picture of the announced size and format, whoever has its URL', async () => {
    const id = await uploaded('photo-orientation-6.jpg')
    const made = await image(id, { width: 300, height: 300, format: 'WEBP' })
    expect(made).toMatchObject({ width: 300, height: 300, format: 'WEBP' })
    const { status, headers, body } = await fetched(made.url)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('image/webp')
    expect(headers.get('content-length')).toBe(String(body.length))
    expect(headers.get('cache-control')).toMatch(/^private, max-age=\d+, immutable$/)
    expect(headers.get('content-disposition')).toContain('photo-orientation-6.webp')
    expect(await sharp(body).metadata()).toMatchObject({ width: 300, height: 300, format: 'webp' })
  })

  test('any transform of any image, said in two ways: one variant, of the announced size and format', async () => {
    const images = fixtures.good.filter(({ mimeType }) => isPictureItself(mimeType ?? ''))
    const ids = new Map<string, string>()
    for (const { file } of images) ids.set(file, await uploaded(file))
    const samples = fc.record({
      file: fc.constantFrom(...ids.keys()),
      input: transforms({ longest: countOf({ daily: 300, thorough: 1_500 }) }),
    })
    await fc.assert(
      fc.asyncProperty(samples, async ({ file, input }) => {
        const id = ids.get(file) as string
        const [one, other] = [await image(id, input), await image(id, saidOtherwise(input))]
        expect(new URL(other.url).pathname).toBe(new URL(one.url).pathname)
        const { status, headers, body } = await fetched(one.url, { accept: 'image/webp,*/*' })
        const format = one.format ?? 'WEBP'
        const fate = await fateOf({ image: fixture(file), format, size: one })
        if (fate === 'refused' || (fate === 'perhaps' && status !== 200)) {
          expect([status, codeOf({ body })]).toEqual([422, 'NOT_TRANSFORMABLE'])
          return
        }
        expect([status, headers.get('content-type')]).toEqual([200, FORMATS[format]])
        await kept()
        expect((await fetched(one.url, { accept: 'image/webp,*/*' })).body).toEqual(body)
        const { width, height, pageHeight } = await sharp(body, { animated: true }).metadata()
        const seen = { width, height: pageHeight ?? height }
        // A drawing without a size of its own says none.
        if (one.width !== null) expect(seen).toEqual({ width: one.width, height: one.height })
        else expect(file).toBe('vector-viewbox-only.svg')
      }),
      { numRuns: countOf({ daily: 15, thorough: 1_000 }), endOnFailure: true },
    )
    const [twice] = await sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM variant GROUP BY account_id, sha256, recipe HAVING count(*) > 1`,
    )
    expect(twice).toBeUndefined()
  }, 3_600_000)

  test('AUTO is what the client accepts, and says so to caches', async () => {
    const [photo, drawn] = [await uploaded('photo-orientation-6.jpg'), await uploaded('vector.svg')]
    const [ofPhoto, ofDrawing] = [await image(photo, { width: 50 }), await image(drawn, { width: 50 })]
    expect(ofPhoto.format).toBeNull()
    for (const [url, accept, type] of [
      [ofPhoto.url, 'image/avif,image/webp,image/*,*/*;q=0.8', 'image/webp'],
      [ofPhoto.url, 'image/webp;q=0, */*', 'image/jpeg'],
      [ofPhoto.url, '*/*', 'image/jpeg'],
      [ofPhoto.url, ',,;;q=x', 'image/jpeg'],
      [ofDrawing.url, 'image/*', 'image/png'],
    ] as const) {
      const { headers } = await fetched(url, { accept })
      expect([accept, headers.get('content-type'), headers.get('vary')]).toEqual([
        accept,
        type,
        'Authorization, Accept',
      ])
    }
    expect((await variantsOf(photo)).map(({ recipe }) => recipe)).toEqual(
      expect.arrayContaining(['w50-webp@1', 'w50-jpeg@1']),
    )
  })

  test('an animated GIF is an animated WebP with as many frames', async () => {
    const id = await uploaded('animated.gif')
    const { body } = await fetched((await image(id, { width: 90, format: 'WEBP' })).url)
    expect((await sharp(body).metadata()).pages).toBe(fixture('animated.gif').frames)
  })

  test('is null where there is no picture, and of the preview where there is one', async () => {
    const id = await uploaded('document-13-pages.pdf')
    expect(await image(id, { width: 50 })).toBeNull()
    const { thumbnailUrl } = (
      await gateway.query(`query T($id: ID!) { media(id: $id) { thumbnailUrl } }`, { id })
    ).media
    expect(thumbnailUrl).toBeNull()

    const page = await sharp({ create: { width: 600, height: 800, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    const { variants } = gateway.app.pictures
    const [content] = await sql<{ accountId: string; sha256: string; storeId: string }>(
      `SELECT account_id AS "accountId", sha256, store_id AS "storeId" FROM media WHERE id = $1`,
      [id],
    )
    if (!content) throw new Error('no media')
    const facts = { mimeType: 'image/png', width: 600, height: 800 }
    const { Readable } = await import('node:stream')
    const [first, again] = [
      await variants.put(content, facts, Readable.from([page])),
      await variants.put(content, facts, Readable.from([page])),
    ]
    expect(again).toEqual(first)
    const made = await image(id, { width: 300, format: 'PNG' })
    expect(made).toMatchObject({ width: 300, height: 400 })
    const { status, body } = await fetched(made.url)
    expect([status, await sharp(body).metadata()]).toMatchObject([200, { width: 300, height: 400 }])
  })

  test('refuses what is not allowed, with the field at fault', async () => {
    const id = await uploaded('photo.png')
    for (const [variables, code, field] of [
      [{ transform: { width: 0 } }, 'INVALID_TRANSFORM', ['transform', 'width']],
      [{ transform: { width: 4096, dpr: 1.5 } }, 'INVALID_TRANSFORM', ['transform', 'dpr']],
      [{ transform: {}, preset: 'card' }, 'INVALID_TRANSFORM', ['preset']],
      [{ preset: 'nothing' }, 'INVALID_TRANSFORM', ['preset']],
    ] as const) {
      const { data, errors } = await gateway.send(IMAGE, { id, ...variables })
      expect(data.media.image).toBeNull()
      expect(errors?.[0]?.extensions).toMatchObject({ code, field })
    }
  })
})

describe('the URL of a picture', () => {
  test('is good for its media, version, recipe and disposition alone', async () => {
    const [id, other] = [await uploaded('photo.png'), await uploaded('photo-gps.jpg')]
    const url = new URL((await image(id, { width: 40, format: 'WEBP' })).url)
    const content = new URL(
      (await gateway.query(`query U($id: ID!) { media(id: $id) { url } }`, { id })).media.url,
    )
    const changed = (change: (url: URL) => void): string => {
      const copy = new URL(url)
      change(copy)
      return copy.href
    }
    const refused = await Promise.all(
      [
        changed(it => {
          it.pathname = it.pathname.replace('w40', 'w41')
        }),
        changed(it => {
          it.pathname = it.pathname.replace(id, other)
        }),
        changed(it => it.searchParams.set('v', '2')),
        changed(it => it.searchParams.delete('v')),
        changed(it => it.searchParams.set('download', '1')),
        changed(it => it.searchParams.set('exp', '9999999999')),
        changed(it => {
          it.pathname = `/media/${id}/content`
        }),
        changed(it => {
          it.search = content.search
        }),
      ].map(each => fetched(each)),
    )
    expect(refused.map(it => [it.status, codeOf(it)])).toEqual(refused.map(() => [403, 'SIGNATURE_INVALID']))
    const unsigned = await fetched(changed(it => it.searchParams.delete('sig')))
    expect(unsigned.status).toBe(403)
    const bare = changed(it => {
      it.search = ''
    })
    expect([(await fetched(bare)).status, (await fetched(bare, { authorization: FOREIGN })).status]).toEqual([
      404, 404,
    ])
    expect((await fetched(url.href)).status).toBe(200)
    await gateway.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, { id })
    expect((await fetched(url.href)).status).toBe(404)
  })

  test('has one spelling', async () => {
    const id = await uploaded('photo.png', { public: true })
    const statusOf = async (recipe: string) =>
      (await fetched(`${gateway.url}/media/${id}/image/${recipe}`)).status
    expect(await statusOf('w64-h48-webp')).toBe(200)
    for (const recipe of [
      'w64-h48%2Dwebp',
      '%7764-h48-webp',
      'h48-w64-webp',
      'W64-h48-webp',
      '..%2fcontent',
      '%00',
    ])
      expect([recipe, await statusOf(recipe)]).toEqual([recipe, 400])
    for (const recipe of ['w64-h48-webp/', 'w64-h48-webp/x', 'w1-'.repeat(2_000), '%'])
      expect([400, 404, 414]).toContain(await statusOf(recipe))
  })

  test('of a replaced image shows the bytes that it was made for, and the new one the new ones', async () => {
    const id = await uploaded('photo.png')
    const recipe = { width: 8, height: 8, format: 'PNG' }
    const before = await image(id, recipe)
    const colour = async (url: string) => {
      const { body } = await fetched(url)
      return [...(await sharp(body).removeAlpha().raw().toBuffer()).subarray(0, 3)]
    }
    const old = await colour(before.url)
    for (let version = 2; version < 5; version++) {
      const hue = version * 40
      const bytes = await sharp({
        create: { width: 16, height: 16, channels: 3, background: { r: hue, g: 0, b: 255 } },
      })
        .png()
        .toBuffer()
      await replaceContent({ url: gateway.url, authorization: ADMIN }, { bytes, fileName: 'new.png' }, { id })
      expect(await colour((await image(id, recipe)).url)).toEqual([hue, 0, 255])
      expect(await colour(before.url)).toEqual(old)
    }
  })

  test('answers conditions, ranges and HEAD as the content does', async () => {
    const id = await uploaded('photo-iphone-gps.jpg')
    const { url } = await image(id, { width: 321, format: 'JPEG' })
    const head = await fetched(url, {}, 'HEAD')
    const whole = await fetched(url)
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(whole.body.length)])
    const etag = whole.headers.get('etag') ?? ''
    expect(head.headers.get('etag')).toBe(etag)
    expect((await fetched(url, { 'if-none-match': etag })).status).toBe(304)
    const part = await fetched(url, { range: 'bytes=10-19', 'if-range': etag })
    expect([part.status, part.body]).toEqual([206, whole.body.subarray(10, 20)])
    expect((await fetched(url, { range: 'bytes=99999999-' })).status).toBe(416)
    const saved = await image(id, { width: 321, format: 'JPEG' }, { disposition: 'ATTACHMENT' })
    expect((await fetched(saved.url)).headers.get('content-disposition')).toMatch(/^attachment/)
  })

  test('is answered with 304 without making anything', async () => {
    const id = await uploaded('photo-iphone-gps.jpg')
    const { url } = await image(id, { width: 322, format: 'JPEG' })
    const [{ sha256 } = { sha256: '' }] = await sql<{ sha256: string }>(
      `SELECT sha256 FROM media WHERE id = $1`,
      [id],
    )
    expect((await fetched(url, { 'if-none-match': `"${sha256}.w322-jpeg.1"` })).status).toBe(304)
    expect((await variantsOf(id)).map(({ recipe }) => recipe)).not.toContain('w322-jpeg@1')
  })

  test('shows nothing of where a photo was taken', async () => {
    const id = await uploaded('photo-gps.jpg')
    const { body } = await fetched((await image(id, { format: 'JPEG' })).url)
    const { exif, xmp, iptc } = await sharp(body).metadata()
    expect([exif, xmp, iptc]).toEqual([undefined, undefined, undefined])
  })
})

describe('what cannot be transformed', () => {
  test.each(['bomb-280-megapixel.jpg', 'bad-corrupt-header.jpg', 'bomb-1600-megapixel.png'])(
    '%s is a clear refusal each time, and leaves nothing',
    async file => {
      const id = await uploaded(file)
      const { url } = await image(id, { width: 10, format: 'WEBP' })
      for (let n = 0; n < 2; n++) {
        const answer = await fetched(url)
        expect([answer.status, codeOf(answer)]).toEqual([422, 'NOT_TRANSFORMABLE'])
        expect(answer.headers.get('cache-control')).toBe('no-store')
      }
      expect(await variantsOf(id)).toEqual([])
      expect(await sql(`SELECT 1 FROM blob WHERE state = 'staged'`)).toEqual([])
    },
  )
})

describe('the budget of downloads', () => {
  test('is spent by large pictures, and not by small ones', async () => {
    const id = await uploaded('photo-iphone-gps.jpg', { maxDownloads: 1 })
    const [small, large] = [await image(id, { width: 100 }), await image(id, { width: 900 })]
    for (let n = 0; n < 3; n++) expect((await fetched(small.url)).status).toBe(200)
    expect((await fetched(large.url)).status).toBe(200)
    const spent = await fetched(large.url, { 'user-agent': 'another' })
    expect([spent.status, codeOf(spent)]).toEqual([403, 'DOWNLOAD_LIMIT_REACHED'])
    expect((await fetched(small.url)).status).toBe(200)
  })
})

describe('variants', () => {
  test('count for the account until they are gone', async () => {
    const used = async () =>
      (await sql<{ n: number }>(`SELECT used_bytes::float8 AS n FROM account WHERE id = 'acme'`))[0]?.n ?? 0
    const id = await uploaded('photo-iphone-gps.jpg')
    const before = await used()
    const { body } = await fetched((await image(id, { width: 111, format: 'PNG' })).url)
    await kept()
    expect((await used()) - before).toBe(body.length)
  })

  test('whose bytes are lost are made anew', async () => {
    const id = await uploaded('photo-iphone-gps.jpg')
    const { url } = await image(id, { width: 112, format: 'PNG' })
    const { body } = await fetched(url)
    await kept()
    const lost = await sql<{ id: string; key: string; storeId: string }>(
      `UPDATE blob SET state = 'lost' WHERE id IN (SELECT blob_id FROM variant WHERE recipe = 'w112-png@1')
       RETURNING id, key, store_id AS "storeId"`,
    )
    expect((await fetched(url)).body).toEqual(body)
    await kept()
    expect(
      await sql(`SELECT state FROM blob WHERE id = $1`, [(lost as unknown as { id: string }[])[0]?.id]),
    ).toEqual([{ state: 'doomed' }])
  })

  test('of one content are told apart by account', async () => {
    const bytes = fixture('colors.avif').bytes()
    const id = await uploaded('colors.avif')
    const { media } = await gateway.as(FOREIGN).upload({ bytes, fileName: 'colors.avif' })
    const foreign = (await gateway.as(FOREIGN).query(IMAGE, { id: media.id, preset: 'thumbnail' })).media
      .image
    const own = await image(id, undefined, { preset: 'thumbnail' })
    await Promise.all([fetched(own.url), fetched(foreign.url)])
    await kept()
    const rows = await sql<{ account: string }>(
      `SELECT v.account_id AS account FROM variant v JOIN blob b ON b.id = v.blob_id AND b.account_id = v.account_id
       WHERE v.sha256 = $1 ORDER BY 1`,
      [fixture('colors.avif').sha256],
    )
    expect(new Set(rows.map(({ account }) => account))).toEqual(new Set(['acme', 'other']))
  })
})
