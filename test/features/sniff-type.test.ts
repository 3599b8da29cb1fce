import { sniffType } from '../../src/features/upload/sniff/sniff-type.ts'
import type { TypeHints } from '../../src/features/upload/sniff/sniffed-type.ts'
import { SNIFFED_BYTES } from '../../src/features/upload/sniff/sniffer.ts'
import { fixture, fixtures, naughtyStrings } from '../support/fixtures.ts'

function sniff(content: string | Uint8Array, hints: TypeHints = {}) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return sniffType({ bytes: bytes.subarray(0, SNIFFED_BYTES), whole: bytes.length <= SNIFFED_BYTES }, hints)
}

const mimeTypeOf = async (...args: Parameters<typeof sniff>) => (await sniff(...args)).mimeType

/** One entry of a ZIP archive, stored. */
function zipEntry(name: string, content: string | Uint8Array): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt32LE(content.length, 18)
  header.writeUInt32LE(content.length, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, Buffer.from(name), Buffer.from(content)])
}

describe('the type of real files', () => {
  test.each(fixtures.good.map(good => [good.file, good] as const))(
    '%s has its true type',
    async (file, good) => {
      expect(await mimeTypeOf(good.bytes(), { fileName: file })).toBe(good.mimeType)
    },
  )

  test.each(
    [...fixtures.malformed, ...fixtures.hostile]
      .filter(bad => bad.mimeType !== null)
      .map(bad => [bad.file, bad] as const),
  )('%s is what its bytes are, however it is called', async (file, bad) => {
    expect(await mimeTypeOf(bad.bytes(), { fileName: file, declaredType: 'image/jpeg' })).toBe(bad.mimeType)
  })

  test('a type that the bytes tell needs no name', async () => {
    const named = fixtures.good.filter(
      good => !['application/msword', 'application/vnd.ms-excel'].includes(good.mimeType ?? ''),
    )
    for (const good of named)
      expect([good.file, await mimeTypeOf(good.bytes())]).toEqual([good.file, good.mimeType])
  })

  test('an empty file is nothing in particular', async () => {
    expect(await sniff('', { fileName: 'a.html', declaredType: 'text/html' })).toEqual({
      mimeType: 'application/octet-stream',
      extension: null,
    })
  })
})

describe('what a browser might run', () => {
  const page = '<script>alert(1)</script>'
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'

  test.each([
    ['text/html', '<!DOCTYPE html><p>hi'],
    ['text/html', `\n\t ${page}`],
    ['text/html', '<!-- a comment --><p>hi'],
    ['text/html', '<IFRAME src=x>'],
    ['text/html', '<body\nonload=alert(1)>'],
    ['text/html', `\uFEFF${page}`],
    ['text/html', `${page}\0\x01\xFF binary behind`],
    ['image/svg+xml', svg],
    ['image/svg+xml', `<?xml version="1.0"?>${svg}`],
    ['image/svg+xml', `\uFEFF \n<!-- > <html> --><?style x?>${svg}`],
    ['image/svg+xml', `<!DOCTYPE svg PUBLIC "a>b" "c" [ <!ENTITY x "]>"> <!-- ' --> ]>${svg}`],
    ['image/svg+xml', '<s:svg xmlns:s="http://www.w3.org/2000/svg"/>'],
    ['application/xhtml+xml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'],
    ['application/xml', '<?xml version="1.0"?><note/>'],
    ['application/xml', `<?xml version="1.0"?><!-- ${'x'.repeat(2 * SNIFFED_BYTES)} -->${svg}`],
  ])('is %s by content alone: %j', async (mimeType, content) => {
    for (const hints of [{}, { fileName: 'a.txt' }, { fileName: 'a.jpg', declaredType: 'image/jpeg' }]) {
      expect(await mimeTypeOf(content, hints)).toBe(mimeType)
    }
  })

  test.each(['utf16le', 'utf16be'])('is not hidden by %s', async encoding => {
    const bytes = Buffer.from(`\uFEFF${page}`, 'utf16le')
    expect(await mimeTypeOf(encoding === 'utf16be' ? bytes.swap16() : bytes)).toBe('text/html')
  })

  test('nothing becomes active because its name or declared type says so', async () => {
    const hints = ['html', 'svg', 'xhtml', 'js', 'xml', 'mhtml', 'swf', 'constructor', '__proto__']
    for (const extension of hints) {
      const hint = { fileName: `a.${extension}`, declaredType: 'text/html' }
      expect(await mimeTypeOf('alert(1)', hint)).toBe('text/plain')
      expect(await mimeTypeOf(fixture('photo.png').bytes(), hint)).toBe('image/png')
    }
  })

  test('an image that is script all through is text', async () => {
    expect(await mimeTypeOf('GIF89a/*....*/=alert(1)', { declaredType: 'image/gif' })).toBe('text/plain')
  })
})

describe('text', () => {
  test.each([
    ['text/plain', 'a.txt', 'Grüße'],
    ['text/csv', 'a.csv', 'a;b\n1;2\n'],
    ['text/csv', 'A.CSV', Buffer.from('Größe;1\n', 'latin1')],
    ['text/markdown', 'README.md', '# Title\n'],
    ['application/json', 'a.json', '{"a":1}'],
    ['application/json', 'no-extension', ' [1, 2]'],
    ['text/plain', 'no-extension', '[1, 2'],
    ['text/plain', 'no-extension', 'BMW, MZ, PARENTS and GIFs begin like binary files'],
    ['text/plain', 'utf-16.txt', Buffer.from('\uFEFFGrüße', 'utf16le')],
    ['text/vtt', 'a.txt', 'WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n'],
    ['application/pdf', 'a.txt', '%PDF-1.4\n1 0 obj\n'],
    ['application/octet-stream', 'a.txt', 'text with \x00 in it'],
    ['application/octet-stream', 'no-extension', Buffer.from('Größe', 'latin1')],
  ])('is %s in %s', async (mimeType, fileName, content) => {
    expect(await mimeTypeOf(content, { fileName })).toBe(mimeType)
  })

  test('the declared type chooses among passive types when the name does not', async () => {
    expect(await sniff('a,b', { fileName: 'upload', declaredType: 'Text/CSV; charset=utf-8' })).toEqual({
      mimeType: 'text/csv',
      extension: 'csv',
    })
  })

  test('a character cut in two by the end of the head is still text, at the end of a file it is not', async () => {
    const bytes = Buffer.from('€'.repeat(SNIFFED_BYTES / 2))
    expect(await mimeTypeOf(bytes)).toBe('text/plain')
    expect(await mimeTypeOf(Buffer.from('€').subarray(0, 2))).toBe('application/octet-stream')
  })

  test('no string is more than a type', async () => {
    for (const text of naughtyStrings) {
      expect(await mimeTypeOf(text, { fileName: text, declaredType: text })).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/)
    }
  })
})

describe('containers', () => {
  const cfb = () => fixture('document.doc').bytes()
  const mp4 = () => fixture('video.mp4').bytes()

  test.each([
    ['application/msword', { fileName: 'a.doc' }],
    ['application/vnd.ms-powerpoint', { fileName: 'a.PPT' }],
    ['application/vnd.ms-excel', { declaredType: 'application/vnd.ms-excel' }],
    ['application/x-cfb', { fileName: 'a.html', declaredType: 'text/html' }],
  ])('an old office file is %s by %j', async (mimeType, hints) => {
    expect(await mimeTypeOf(cfb(), hints)).toBe(mimeType)
  })

  test('a film is sound alone when the uploader says so, and never a page', async () => {
    expect(await sniff(mp4(), { fileName: 'a.m4a' })).toEqual({ mimeType: 'audio/mp4', extension: 'm4a' })
    expect(await mimeTypeOf(mp4(), { declaredType: 'audio/mp4' })).toBe('audio/mp4')
    expect(await mimeTypeOf(mp4(), { fileName: 'a.html', declaredType: 'text/html' })).toBe('video/mp4')
  })

  test('an office file is known by its folders when its list of types lies behind the head', async () => {
    const picture = zipEntry('word/media/image1.bin', Buffer.alloc(2 * SNIFFED_BYTES))
    const archive = Buffer.concat([
      zipEntry('_rels/.rels', '<x/>'),
      picture,
      zipEntry('[Content_Types].xml', '<Types/>'),
    ])
    expect((await sniff(archive)).extension).toBe('docx')
  })

  test('an archive is an archive', async () => {
    expect(await mimeTypeOf(zipEntry('readme.txt', 'hi'), { fileName: 'a.zip' })).toBe('application/zip')
  })

  test.each([
    ['image/tiff', Buffer.from([0x49, 0x49, 0x2a, 0, 0xff, 0xff, 0xff, 0x7f])],
    ['audio/mpeg', Buffer.from('ID3\x04\0\0\x7f\x7f\x7f\x7f', 'latin1')],
    [
      'image/png',
      Buffer.concat([fixture('photo.png').bytes().subarray(0, 33), Buffer.from('\0\x7f\0\0iCCP')]),
    ],
  ])('%s is known by its beginning when what follows lies behind the head', async (mimeType, start) => {
    expect(await mimeTypeOf(Buffer.concat([start, Buffer.alloc(2 * SNIFFED_BYTES)]))).toBe(mimeType)
  })
})
