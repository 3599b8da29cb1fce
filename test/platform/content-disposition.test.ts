import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { contentDisposition, fileNameOf, safeFileName } from '../../src/platform/lib/content-disposition.ts'
import { parseDisposition } from '../support/content-disposition.ts'

const naughty: string[] = JSON.parse(
  readFileSync(new URL('../fixtures/naughty-strings.json', import.meta.url), 'utf8'),
)

describe('the name that a file is saved under', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\temp\\x.txt', 'C:_temp_x.txt'],
    ['a\r\nSet-Cookie: b.txt', 'aSet-Cookie: b.txt'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['\u2066a\u2069\u200E\u200F\u061Cb', 'ab'],
    ['nul\u0000byte\u007f\u0085.png', 'nulbyte.png'],
    ['half \ud83d emoji', 'half  emoji'],
    ['👩‍👩‍👧.png', '👩‍👩‍👧.png'],
    [' name . ', 'name'],
    ['', 'download'],
    ['..', 'download'],
    [' . . ', 'download'],
    ['\u202e', 'download'],
    ['.htaccess', '.htaccess'],
  ])('of %j is %j', (name, expected) => {
    expect(safeFileName(name)).toBe(expected)
  })

  it('is cut at 255 bytes between characters and keeps its extension', () => {
    expect(safeFileName(`${'a'.repeat(5000)}.jpeg`)).toBe(`${'a'.repeat(250)}.jpeg`)
    expect(safeFileName(`${'😀'.repeat(100)}.png`)).toBe(`${'😀'.repeat(62)}.png`)
    expect(safeFileName(`a.${'b'.repeat(300)}`)).toBe(`a.${'b'.repeat(253)}`)
    expect(safeFileName('.'.repeat(5000).concat('x'))).toBe('.x')
  })
})

describe('Content-Disposition', () => {
  it.each([
    ['inline', 'photo.jpg', 'inline; filename="photo.jpg"'],
    ['attachment', 'a;b=c.txt', 'attachment; filename="a;b=c.txt"'],
    [
      'attachment',
      '€ rates.txt',
      `attachment; filename="_ rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`,
    ],
    ['attachment', '100%.txt', `attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt`],
    ['attachment', 'a";x="b', `attachment; filename="a_;x=_b"; filename*=UTF-8''a%22%3Bx%3D%22b`],
    [
      'attachment',
      "naïve (1)'*.txt",
      `attachment; filename="na_ve (1)'*.txt"; filename*=UTF-8''na%C3%AFve%20%281%29%27%2A.txt`,
    ],
    ['inline', '😀', `inline; filename="_"; filename*=UTF-8''%F0%9F%98%80`],
  ] as const)('%s of %j', (type, name, expected) => {
    expect(contentDisposition(type, name)).toBe(expected)
  })

  const holds = (name: string) => {
    const header = contentDisposition('attachment', name)
    expect(header).toMatch(/^[\x20-\x7e]{1,1200}$/)
    expect(parseDisposition(header)).toEqual({ type: 'attachment', fileName: safeFileName(name) })
    expect(Buffer.byteLength(safeFileName(name))).toBeLessThanOrEqual(255)
    expect(safeFileName(safeFileName(name))).toBe(safeFileName(name))
    expect(safeFileName(name)).not.toMatch(/[/\\\p{Cc}\p{Cs}\p{Bidi_Control}]|^\.*$/u)
  }

  it('is one line that reads back to the safe name, for any name', () => {
    const units = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
        .map(codes => String.fromCharCode(...codes)),
      fc
        .array(fc.constantFrom('.', ' ', '/', '"', '\\', '%', "'", 'é', '\r\n', ';', 'a'.repeat(40)))
        .map(parts => parts.join('')),
    )
    fc.assert(fc.property(units, holds), { numRuns: 3_000 })
  })

  it('is one line that reads back to the safe name, for every naughty string', () => {
    expect(naughty.length).toBeGreaterThan(500)
    for (const name of naughty) holds(name)
  })
})

test.each([
  ['attachment; filename="a b.png"', 'a b.png'],
  ['attachment; filename=plain.png', 'plain.png'],
  ['ATTACHMENT; FileName = x.png', 'x.png'],
  [`attachment; filename=x.png; filename*=UTF-8''%e2%82%ac.png`, '€.png'],
  [`attachment; filename*=utf-8'de'%C3%BC.png; filename=x.png`, 'ü.png'],
  [`attachment; filename*=UTF-8''%zz.png; filename=x.png`, 'x.png'],
  [`attachment; filename*=iso-8859-1''%fc.png; filename=x.png`, 'x.png'],
  ['attachment; filename="a\\"b;c\\\\.png"', 'a"b;c\\.png'],
  ['attachment; filename="../../etc/passwd"', '../../etc/passwd'],
  ['attachment; filename="never ends', undefined],
  ['attachment; filename=""', undefined],
  ['attachment; name="filename=x"', undefined],
  ['inline', undefined],
  ['', undefined],
])('the file name of %s is %s', (header, name) => {
  expect(fileNameOf(header)).toBe(name)
})

test('reads back what it writes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), name => {
      expect(fileNameOf(contentDisposition('attachment', name))).toBe(safeFileName(name))
    }),
  )
})

test('any header has a name or none', () => {
  fc.assert(fc.property(fc.string(), header => void fileNameOf(header)))
})
