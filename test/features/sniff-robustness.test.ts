import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { kindOf } from '../../src/features/upload/sniff/kind-of.ts'
import { createSniffer, SNIFFED_BYTES } from '../../src/features/upload/sniff/sniffer.ts'
import { fixture, fixtures } from '../support/fixtures.ts'

/** Pushes the bytes in pieces of at most `step`. */
async function stream(bytes: Uint8Array, step: number) {
  const sniffer = createSniffer({})
  for (let at = 0; at < bytes.length; at += step) sniffer.push(bytes.subarray(at, at + step))
  sniffer.end()
  return sniffer.type
}

describe('sniffing while bytes flow by', () => {
  test('the size of the pieces does not matter', async () => {
    for (const file of ['photo.png', 'sheet.xlsx', 'video.webm', 'hostile-script.svg', 'naughty.txt']) {
      const bytes = file.endsWith('.txt') ? Buffer.from('€'.repeat(SNIFFED_BYTES)) : fixture(file).bytes()
      const whole = await stream(bytes, bytes.length)
      for (const step of [1, 7, 4_096, SNIFFED_BYTES]) expect(await stream(bytes, step)).toEqual(whole)
    }
  })

  test('the type is known before the end when enough was seen', async () => {
    const sniffer = createSniffer({})
    sniffer.push(fixture('video.mp4').bytes())
    expect(await sniffer.type).toEqual({ mimeType: 'video/mp4', extension: 'mp4' })
    sniffer.push(Buffer.from('more'))
    sniffer.end()
  })

  test('a chunk that its owner overwrites after the push was seen as it was', async () => {
    const sniffer = createSniffer({})
    const chunk = fixture('photo.png').bytes()
    sniffer.push(chunk)
    chunk.fill(0)
    sniffer.end()
    expect((await sniffer.type).mimeType).toBe('image/png')
  })

  test('no bytes at all have a type', async () => {
    expect(await stream(Buffer.alloc(0), 1)).toEqual({
      mimeType: 'application/octet-stream',
      extension: null,
    })
  })
})

describe('no bytes can make it fail', () => {
  const heads = fixtures.all
    .map(known => known.bytes().subarray(0, SNIFFED_BYTES))
    .filter(head => head.length > 0)
  const named = expect.stringMatching(/^[a-z]+\/[a-z0-9.+-]+$/)

  test('damaged files have some type', async () => {
    const damage = fc.array(fc.tuple(fc.nat(SNIFFED_BYTES), fc.nat(255)), { maxLength: 20 })
    const property = fc.asyncProperty(
      fc.nat(heads.length - 1),
      damage,
      fc.nat(SNIFFED_BYTES),
      async (which, flips, cut) => {
        const bytes = Buffer.from(heads[which] ?? [])
        for (const [at, value] of flips) bytes[at % Math.min(bytes.length, 512)] = value
        expect(await stream(bytes.subarray(0, cut), SNIFFED_BYTES)).toMatchObject({ mimeType: named })
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })

  test('random bytes behind a signature have some type', async () => {
    const signatures = heads.map(head => head.subarray(0, 16))
    const property = fc.asyncProperty(
      fc.nat(signatures.length - 1),
      fc.uint8Array({ maxLength: 2_000 }),
      async (which, tail) => {
        const bytes = Buffer.concat([signatures[which] ?? Buffer.alloc(0), tail])
        expect(await stream(bytes, SNIFFED_BYTES)).toMatchObject({ mimeType: named })
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })

  test('compressed bytes are named by their signature, whatever they hold', async () => {
    for (const content of [Buffer.alloc(50_000_000), Buffer.from('<svg/>')]) {
      const type = await stream(gzipSync(content), SNIFFED_BYTES)
      expect(type).toEqual({ mimeType: 'application/gzip', extension: 'gz' })
    }
  })

  test.each([
    ['comments', '<!---->'],
    ['open tags', '<'],
    ['attributes', '<svg a="" '],
    ['blanks', ' '],
    ['doctypes', '<!DOCTYPE ['],
    ['quotes', '<!DOCTYPE "'],
    ['brackets', '['],
  ])('a head full of %s has some type', async (_name, piece) => {
    const bytes = Buffer.from(piece.repeat(SNIFFED_BYTES / piece.length + 1))
    expect(await stream(bytes, SNIFFED_BYTES)).toMatchObject({ mimeType: named })
  })
})

describe('the kind of a media', () => {
  test.each([
    ['image/svg+xml', 'IMAGE'],
    ['video/quicktime', 'VIDEO'],
    ['audio/vnd.wave', 'AUDIO'],
    ['application/pdf', 'DOCUMENT'],
    ['application/msword', 'DOCUMENT'],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'DOCUMENT'],
    ['application/vnd.oasis.opendocument.text', 'DOCUMENT'],
    ['text/csv', 'DOCUMENT'],
    ['text/html', 'FILE'],
    ['application/json', 'FILE'],
    ['application/zip', 'FILE'],
    ['application/octet-stream', 'FILE'],
  ])('%s is %s', (mimeType, kind) => {
    expect(kindOf(mimeType)).toBe(kind)
  })
})
