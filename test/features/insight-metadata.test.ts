import { buffer } from 'node:stream/consumers'
import CFB from 'cfb'
import fc from 'fast-check'
import sharp from 'sharp'
import { ZipFile } from 'yazl'
import { believedFacts } from '../../src/features/insight/believed-facts.ts'
import { insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { iso6709 } from '../../src/features/insight/isolated/media-tags.ts'
import { walkXml } from '../../src/features/insight/isolated/xml-walk.ts'
import { isoTime, xmpFacts } from '../../src/features/insight/isolated/xmp-facts.ts'
import { METADATA_BYTES, plainObject } from '../../src/features/insight/plain-json.ts'
import { naughtyStrings } from '../support/fixtures.ts'
import { bytesOf } from './insight-files.ts'

const OPEN_XML = 'application/vnd.openxmlformats-officedocument'
const insight = new InsightService({
  limits: { ...insightDefaults, processes: 1, examinationMs: 50_000 },
})
afterAll(() => insight.close())

const photo = () => sharp({ create: { width: 8, height: 6, channels: 3, background: '#2060c0' } })
const examine = (bytes: Buffer, mimeType: string) => insight.examine(bytesOf(bytes, mimeType))

async function zip(parts: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const file = new ZipFile()
  for (const [name, text] of Object.entries(parts)) file.addBuffer(Buffer.from(text as string), name)
  file.end()
  return buffer(file.outputStream as unknown as AsyncIterable<Buffer>)
}

describe('EXIF', () => {
  const taken = async (tags: Record<string, string>, gps: Record<string, string> = {}) => {
    const exif = {
      IFD0: { Make: 'ZeiXX' },
      IFD2: { DateTimeOriginal: '2024:07:01 12:30:15', ...tags },
      IFD3: gps,
    }
    const jpeg = await photo().withExif(exif).jpeg().toBuffer()
    // The library writes ASCII alone.
    jpeg.write('ß', jpeg.indexOf('XX'))
    return (await examine(jpeg, 'image/jpeg')).facts
  }
  const satellite = (time: string) => ({ GPSDateStamp: '2024:07:01', GPSTimeStamp: time })

  test('tells the moment in UTC where an offset is stated', async () => {
    expect((await taken({ OffsetTimeOriginal: '+02:00' })).takenAt).toBe('2024-07-01T10:30:15.000Z')
    expect((await taken({ OffsetTimeOriginal: '-03:30' })).takenAt).toBe('2024-07-01T16:00:15.000Z')
  })

  test('tells it where a satellite told the time, too, and local time where neither did', async () => {
    expect((await taken({}, satellite('7/1 30/1 11/1'))).takenAt).toBe('2024-07-01T07:30:15.000Z')
    expect((await taken({}, satellite('7/1 38/1 11/1'))).takenAt).toBe('2024-07-01T12:30:15')
    expect((await taken({})).takenAt).toBe('2024-07-01T12:30:15')
  })

  test('tells text beyond ASCII, which cameras write as UTF-8', async () => {
    expect((await taken({})).camera).toEqual({ make: 'Zeiß' })
  })

  test('tells degrees, minutes and seconds south and west, and no place for zeros', async () => {
    const place = (latitude: string, longitude: string) => ({
      GPSLatitudeRef: 'S',
      GPSLatitude: latitude,
      GPSLongitudeRef: 'W',
      GPSLongitude: longitude,
    })
    const { geolocation } = await taken({}, place('33/1 51/1 3600/100', '70/1 30/1 0/1'))
    expect(geolocation?.latitude).toBeCloseTo(-33.86, 4)
    expect(geolocation?.longitude).toBeCloseTo(-70.5, 4)
    expect((await taken({}, place('0/1 0/1 0/1', '0/1 0/1 0/1'))).geolocation).toBeUndefined()
  })
})

describe('XMP', () => {
  const packet = (body: string) => `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" ${body}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
  const full = packet(`photoshop:DateCreated="2023-05-06T07:08:09+01:00" exif:GPSLatitude="51,34.5457N">
  <exif:GPSLongitude>1,34,4W</exif:GPSLongitude>
  <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Caf&#xe9; &amp; bar</rdf:li></rdf:Alt></dc:title>
  <dc:creator><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator></rdf:Description>`)

  test('tells what EXIF does not, by attributes and by elements', async () => {
    const { facts } = await examine(await photo().withXmp(full).jpeg().toBuffer(), 'image/jpeg')
    expect(facts).toMatchObject({ title: 'Café & bar', artist: 'Ada', takenAt: '2023-05-06T06:08:09.000Z' })
    expect(facts.geolocation?.latitude).toBeCloseTo(51.57576, 4)
    expect(facts.geolocation?.longitude).toBeCloseTo(-1.56778, 4)
  })

  test('gives way to EXIF', async () => {
    const exif = { IFD0: { Artist: 'Cleo' } }
    const both = await photo().withExif(exif).withXmp(full).jpeg().toBuffer()
    expect((await examine(both, 'image/jpeg')).facts).toMatchObject({ artist: 'Cleo', title: 'Café & bar' })
  })

  test('expands no entity of its own, and takes time that grows with its length alone', () => {
    const entities = `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(99)}">]>${packet('><dc:title>&a;</dc:title></rdf:Description>')}`
    expect(xmpFacts(Buffer.from(entities)).facts).toEqual({})
    for (const nasty of [
      '<a '.repeat(300_000),
      '<a b="'.repeat(200_000),
      '<'.repeat(1_000_000),
      '<!--'.repeat(250_000),
    ])
      expect([...walkXml(nasty)].length).toBeLessThanOrEqual(64)
  })

  test.each([
    ['2023-05-06T07:08:09Z', '2023-05-06T07:08:09.000Z'],
    ['2023-05-06T07:08:09.25-0130', '2023-05-06T08:38:09.000Z'],
    ['2023-05-06T07:08:09', '2023-05-06T07:08:09'],
    ['2023-05-06', undefined],
    ['2023-15-06T07:08:09Z', undefined],
    ['yesterday', undefined],
  ])('a time written %s is %s', (written, read) => {
    expect(isoTime(written)).toBe(read)
  })
})

test.each([
  ['+51.4169-000.0806/', 51.4169, -0.0806],
  ['+32.0929+034.8620+028.516/', 32.0929, 34.862],
  ['-3351.6-07030/', -33.86, -70.5],
  ['+404530.5-0740000CRSWGS_84/', 40.758472, -74],
])('the place %s of ISO 6709 is %d, %d', (text, latitude, longitude) => {
  expect(iso6709(text)?.latitude).toBeCloseTo(latitude, 5)
  expect(iso6709(text)?.longitude).toBeCloseTo(longitude, 5)
})

test.each(['', '+99.0+000.0/', '51.4-0.08', '+00.0000+000.0000/'])('%j is no place', text => {
  expect(iso6709(text)).toBeUndefined()
})

describe('Office files', () => {
  const properties = (body: string) => `<?xml version="1.0"?><Properties xmlns="x">${body}</Properties>`
  const core =
    '<cp:coreProperties><dc:title>Zahlen &lt;1&gt;</dc:title><dc:creator>Ada</dc:creator></cp:coreProperties>'

  test.each([
    ['wordprocessingml.document', '<Pages>7</Pages>', 7],
    ['presentationml.presentation', '<Slides>12</Slides>', 12],
    ['wordprocessingml.document', '<Pages>0</Pages>', undefined],
    ['wordprocessingml.document', '<Pages>many</Pages>', undefined],
  ])('%s with %s has %s pages', async (type, stated, pages) => {
    const file = await zip({ 'docProps/app.xml': properties(stated), 'docProps/core.xml': core })
    expect(await examine(file, `${OPEN_XML}.${type}`)).toMatchObject({
      facts: { title: 'Zahlen <1>', document: { author: 'Ada' }, ...(pages && { pageCount: pages }) },
      problem: null,
    })
    if (pages === undefined)
      expect((await examine(file, `${OPEN_XML}.${type}`)).facts).not.toHaveProperty('pageCount')
  })

  test('an OpenDocument file tells title, author and pages', async () => {
    const meta = `<office:document-meta><office:meta><dc:title>Notizen</dc:title><meta:initial-creator>Bob</meta:initial-creator>
<meta:document-statistic meta:page-count="3" meta:word-count="99"/></office:meta></office:document-meta>`
    expect(
      await examine(
        await zip({ mimetype: 'x', 'meta.xml': meta }),
        'application/vnd.oasis.opendocument.text',
      ),
    ).toMatchObject({
      facts: { title: 'Notizen', pageCount: 3, document: { author: 'Bob' } },
      problem: null,
    })
  })

  test('a part that inflates without end is not inflated to its end', async () => {
    const bomb = await zip({
      'docProps/core.xml': core,
      'docProps/app.xml': Buffer.alloc(50 * 1024 * 1024, ' '),
    })
    expect(bomb.length).toBeLessThan(100_000)
    expect(await examine(bomb, `${OPEN_XML}.wordprocessingml.document`)).toMatchObject({
      problem: { reason: 'too-large' },
    })
  })

  test('entities that refer to each other are not expanded', async () => {
    const laughs = Array.from({ length: 30 }, (_, at) => `<!ENTITY e${at + 1} "&e${at};&e${at};">`).join('')
    const file = await zip({
      'docProps/core.xml': `<!DOCTYPE x [${laughs}]><x><dc:title>&e30;</dc:title></x>`,
    })
    expect((await examine(file, `${OPEN_XML}.wordprocessingml.document`)).facts).toEqual({})
  })

  test('an old one that is damaged inside is not believed', async () => {
    const container = CFB.utils.cfb_new()
    CFB.utils.cfb_add(container, '/\u0005SummaryInformation', Buffer.alloc(600, 0xff))
    const bytes = Buffer.from(CFB.write(container, { type: 'buffer' }) as Buffer)
    expect(await examine(bytes, 'application/msword')).toEqual({
      facts: {},
      technicalMetadata: {},
      problem: null,
    })
  })
})

describe('what a file says is kept', () => {
  test('as JSON that jsonb takes, within its size, whatever it says', () => {
    const hostile = fc.anything({
      withBigInt: true,
      withDate: true,
      withTypedArray: true,
      withNullPrototype: true,
    })
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), hostile),
        fc.integer({ min: 2, max: 300 }),
        (value, most) => {
          const text = JSON.stringify(plainObject(value, most))
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most)
          expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/i)
          expect(plainObject(JSON.parse(text), most)).toEqual(JSON.parse(text))
        },
      ),
    )
  })

  test('with long texts cut, binary and numbers that are none left out', () => {
    const kept = plainObject({
      a: 'x'.repeat(9_999),
      b: Buffer.alloc(9),
      c: [Number.NaN, 1],
      d: '\0',
      e: { f: null },
    })
    expect(kept).toEqual({ a: 'x'.repeat(2_000), c: [1] })
    const many = plainObject({ list: Array.from({ length: 1_000 }, () => 'ä'.repeat(1_900)) })
    expect(Buffer.byteLength(JSON.stringify(many))).toBeLessThanOrEqual(METADATA_BYTES)
  })

  test('only where it has the right shape', () => {
    expect(
      believedFacts({
        width: '9',
        height: -1,
        durationSeconds: Number.POSITIVE_INFINITY,
        pageCount: 1.5,
        geolocation: { latitude: 91, longitude: 0 },
        takenAt: '2024-99-99T00:00:00Z',
        image: { storedWidth: 5 },
        placeholder: { thumbhash: '<script>', dominantColor: '#ffffff' },
        camera: { make: ' Leica\0 ', model: 7 },
        somethingElse: true,
      }),
    ).toEqual({ camera: { make: 'Leica' } })
    for (const nothing of [null, 5, 'text', [], naughtyStrings]) expect(believedFacts(nothing)).toEqual({})
  })
})
