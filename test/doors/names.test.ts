import { ADMIN, type TestApp } from '../support/app.ts'
import { parseDisposition } from '../support/content-disposition.ts'
import { countOf, IS_THOROUGH } from '../support/counts.ts'
import { fixture, naughtyStrings } from '../support/fixtures.ts'
import { BLOB_NAME, TEST_STORE } from '../support/stores.ts'
import type { Door, Sent } from './door.ts'
import { DOORS, thirdOfDoors } from './doors.ts'
import { type OpenSite, startSite } from './start-site.ts'

let gateway: TestApp
let site: OpenSite
beforeAll(async () => {
  site = await startSite()
  gateway = site.gateway
})
afterAll(() => site.close())

async function taken(door: Door, sent: Sent) {
  const { mediaId, refusal } = await door.send(site, sent)
  expect([door.name, sent.fileName, refusal]).toEqual([door.name, sent.fileName, undefined])
  const { media } = await gateway.query(
    `query($id: ID!) { media(id: $id) { originalFileName declaredType mimeType kind } }`,
    { id: mediaId },
  )
  const answer = await fetch(`${gateway.url}/media/${mediaId}/content`, {
    headers: { authorization: ADMIN, accept: 'text/html,*/*' },
  })
  await answer.arrayBuffer()
  return { media, headers: answer.headers }
}

/** Each door reads names and types by itself, and the store knows nothing of them: where it is no disk, some are enough. */
const doorsOf = (number: number) => (IS_THOROUGH || TEST_STORE === 'file' ? DOORS : thirdOfDoors(number))

/** File names and their labels; those that are refused where they are said as a field, and not mended. */
const NAMES: readonly (readonly [fileName: string, label: string, isRefused?: boolean])[] = [
  ['größe 日本.txt', 'größe 日本.txt'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\temp\\secret.txt', 'secret.txt'],
  ['..', 'unnamed'],
  ['.', 'unnamed'],
  ['folder/', 'unnamed'],
  ['%2e%2e%2fpasswd', '%2e%2e%2fpasswd'],
  ['a\0b.txt', 'ab.txt', true],
  ['a\r\nSet-Cookie: b=c.txt', 'a\r\nSet-Cookie: b=c.txt'],
  ['a"; filename="b.txt', 'a"; filename="b.txt'],
  [`${'x'.repeat(5_000)}.txt`, 'x'.repeat(255), true],
  ['photo\u202egnp.exe', 'photo\u202egnp.exe'],
  ['\u{1f389}\u{1f468}\u200d\u{1f469}.txt', '\u{1f389}\u{1f468}\u200d\u{1f469}.txt'],
  ['   ', 'unnamed'],
]

describe('a file name is the same label at every door:', () => {
  const cases = NAMES.map(([fileName, label, isRefused = false], number) => {
    return [fileName, { label, isRefused, doors: doorsOf(number) }] as const
  })

  test.each(cases)('%j', async (fileName, { label, isRefused, doors }) => {
    for (const door of doors) {
      if (isRefused && door.saysName) {
        const { refusal } = await door.send(site, { bytes: Buffer.from('label'), fileName })
        expect([door.name, refusal]).toMatchObject([door.name, { code: 'INVALID_INPUT', field: 'fileName' }])
        continue
      }
      const { media, headers } = await taken(door, { bytes: Buffer.from('label'), fileName })
      expect([door.name, media.originalFileName]).toEqual([door.name, label])
      // One field, of one line, and nothing beside it.
      const disposition = parseDisposition(headers.get('content-disposition') ?? '')
      expect([door.name, /[\p{Cc}\p{Bidi_Control}/\\]/u.test(disposition.fileName)]).toEqual([
        door.name,
        false,
      ])
      expect([door.name, headers.get('set-cookie')]).toEqual([door.name, null])
    }
  })

  const sample = naughtyStrings.filter(
    (text, i) => i % countOf({ daily: 120, thorough: 60 }) === 0 && text !== '' && text.isWellFormed(),
  )

  test(`${sample.length} strings that break programs`, async () => {
    for (const [number, fileName] of sample.entries()) {
      const labels = new Map<string, string>()
      const doors = doorsOf(number)
      for (const door of doors)
        labels.set(
          door.name,
          (await taken(door, { bytes: Buffer.from('x'), fileName })).media.originalFileName,
        )
      const [first] = labels.values()
      expect([...labels]).toEqual(doors.map(({ name }) => [name, first]))
    }
  }, 120_000)
})

test('a declared type is the same at every door, without its parameters', async () => {
  for (const door of DOORS) {
    const sent = { bytes: Buffer.from('a,b'), fileName: 'a.csv', mimeType: 'Text/CSV; charset="utf-8"' }
    const { media } = await taken(door, sent)
    expect([door.name, media.declaredType]).toEqual([door.name, 'text/csv'])
  }
})

describe('content that a browser could run is typed and handed out the same way from every door:', () => {
  const pdf = fixture('document-13-pages.pdf').bytes()
  const zip = fixture('document.docx').bytes()
  const xhtml =
    '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>'
  const [png, html] = ['image/png', 'text/html']

  test.each([
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), png, html, 'attachment'],
    [
      'HTML behind blanks',
      Buffer.from(`${' '.repeat(600)}<html><script>alert(1)</script>`),
      png,
      html,
      'attachment',
    ],
    ['XHTML', Buffer.from(xhtml), png, 'application/xhtml+xml', 'attachment'],
    ['SVG with a script', fixture('hostile-script.svg').bytes(), png, 'image/svg+xml', 'attachment'],
    ['GIF that is JavaScript', Buffer.from('GIF89a/*\0\0\0\0*/=1;alert(1)'), html, 'image/gif', 'inline'],
    ['PDF that is a ZIP', Buffer.concat([pdf, zip]), html, 'application/pdf', 'inline'],
  ])('%s', async (_, bytes, declared, mimeType, disposition) => {
    for (const door of DOORS) {
      const { media, headers } = await taken(door, { bytes, fileName: 'x.png', mimeType: declared })
      expect([door.name, media.mimeType]).toEqual([door.name, mimeType])
      expect([door.name, headers.get('x-content-type-options')]).toEqual([door.name, 'nosniff'])
      const { type } = parseDisposition(headers.get('content-disposition') ?? '')
      expect([door.name, type]).toEqual([door.name, disposition])
      // What is shown is what its bytes are; what could run is boxed in as well.
      if (type === 'inline') expect([door.name, headers.get('content-type')]).toEqual([door.name, mimeType])
      else
        expect(headers.get('content-security-policy')).toMatch(
          /default-src 'none'.*sandbox|sandbox.*default-src 'none'/,
        )
    }
  })
})

test('whatever files were called, the store knows nothing of it', async () => {
  const names = await gateway.storedNames()
  expect(names.length).toBeGreaterThan(DOORS.length)
  expect(names.filter(name => !BLOB_NAME.test(name))).toEqual([])
})
