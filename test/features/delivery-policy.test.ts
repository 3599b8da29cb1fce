import { isActiveType, presentationOf } from '../../src/features/delivery/active-types.ts'
import { cacheControlFor, cacheControlOf } from '../../src/features/delivery/cache-policy.ts'

const active = [
  'text/html',
  'TEXT/HTML; charset=utf-8',
  'application/xhtml+xml',
  'image/svg+xml',
  'text/xml',
  'application/xml',
  'application/xml-dtd',
  'application/rss+xml',
  'application/mathml+xml',
  'video/x+xml',
  'text/xsl',
  'text/css',
  'text/javascript',
  'application/javascript',
  'application/x-javascript',
  'application/ecmascript',
  'text/vbscript',
  'text/cache-manifest',
  'multipart/related',
  'multipart/x-mixed-replace',
  'message/rfc822',
  'application/x-mimearchive',
  'application/x-shockwave-flash',
  'application/wasm',
  'application/hta',
]
const passive = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/heic',
  'audio/mpeg',
  'audio/ogg',
  'video/mp4',
  'video/matroska',
  'video/vnd.avi',
  'application/pdf',
  'text/plain',
]
const unknown = [
  'application/zip',
  'application/octet-stream',
  'application/msword',
  'image/x-unheard-of',
  'text/csv',
  '',
  'nonsense',
]

describe('what a browser is told to do with a type', () => {
  it.each(active)('%s is active: saved, never shown, and has no rights', type => {
    expect(isActiveType(type)).toBe(true)
    expect(presentationOf(type)).toEqual({
      disposition: 'attachment',
      contentSecurityPolicy: "sandbox; default-src 'none'",
    })
  })

  it.each(passive)('%s is shown in place and runs no script', type => {
    expect(isActiveType(type)).toBe(false)
    expect(presentationOf(type).disposition).toBe('inline')
    expect(presentationOf(type).contentSecurityPolicy).toMatch(/^default-src 'none';(?!.*(?:script|sandbox))/)
  })

  it.each(unknown)('%j is not known to be passive: saved', type => {
    expect(presentationOf(type).disposition).toBe('attachment')
  })
})

describe('Cache-Control', () => {
  it.each([
    // public, wanted by the uploader, stable URL
    [false, null, 'private, no-cache'],
    [true, null, 'public, no-cache'],
    [true, 'public, max-age=60', 'public, max-age=60'],
    [true, 's-maxage=10,max-age=5', 's-maxage=10, max-age=5'],
    [true, 'no-cache="set-cookie, x", max-age=1', 'no-cache="set-cookie, x", max-age=1'],
    [false, 'max-age=60', 'private, max-age=60'],
    [false, 'Public, max-age=60, S-MAXAGE=9', 'private, max-age=60'],
    [false, 'private="authorization", max-age=60', 'private, max-age=60'],
    [false, 'public', 'private, no-cache'],
    [false, 'no-store', 'private, no-store'],
    [true, ',max-age=60,, x.y=1 ,', 'max-age=60, x.y=1'],
    [true, String.raw`a="\"b, c\\", max-age=1`, String.raw`a="\"b, c\\", max-age=1`],
    [true, 'a="\xfc\t"', 'a="\xfc\t"'],
    [true, 'a="\u0100"', 'public, no-cache'],
    [true, 'a="b', 'public, no-cache'],
    [true, String.raw`a="b\"`, 'public, no-cache'],
    [true, 'a=1 b', 'public, no-cache'],
    [true, ' , ', 'public, no-cache'],
    [true, 'max-age=60\r\nSet-Cookie: a=b', 'public, no-cache'],
    [true, 'max-age=', 'public, no-cache'],
    [true, 'max age', 'public, no-cache'],
    [true, '"', 'public, no-cache'],
    [true, 'é', 'public, no-cache'],
    [true, `a=${'b'.repeat(300)}`, 'public, no-cache'],
    [true, '', 'public, no-cache'],
  ])('public %j, wanted %j: %j', (isPublic, cacheControl, expected) => {
    expect(cacheControlOf({ public: isPublic, cacheControl }, false)).toBe(expected)
  })

  it('of a URL that names a version is for ever, whatever the uploader wanted', () => {
    expect(cacheControlOf({ public: true, cacheControl: 'no-store' }, true)).toBe(
      'public, max-age=31536000, immutable',
    )
    expect(cacheControlOf({ public: false, cacheControl: null }, true)).toBe(
      'private, max-age=31536000, immutable',
    )
  })

  it.each([
    // wanted by the uploader, seconds left, whether the URL names a version
    ['public, max-age=60', 90.5, false, 'public, max-age=60'],
    ['public, max-age=3600', 90.5, false, 'public, max-age=90'],
    ['max-age="3600", s-maxage=7200', 90, false, 'max-age=90, s-maxage=90'],
    ['max-age=9, stale-while-revalidate=60, stale-if-error=60', 90, false, 'max-age=9'],
    ['max-age=abc', 90, false, 'max-age=0'],
    // Nothing says how long it is fresh: a cache would guess.
    ['public', 90, false, 'public, no-cache'],
    ['s-maxage=60', 90, false, 's-maxage=60, no-cache'],
    ['no-store', 90, false, 'no-store'],
    [null, 90, false, 'public, no-cache'],
    [null, 90, true, 'public, max-age=90, immutable'],
    [null, -5, true, 'public, max-age=0, immutable'],
    ['public, max-age=3600', null, false, 'public, max-age=3600'],
  ])('wanted %j, with %j seconds left, pinned %j: %j', (cacheControl, secondsLeft, pinned, expected) => {
    expect(cacheControlOf({ public: true, cacheControl, secondsLeft }, pinned)).toBe(expected)
  })

  it('of a signed URL lasts no longer than the media', () => {
    const now = new Date('2026-01-01T00:00:00Z')
    const asker = { kind: 'signature', mediaId: 'm', expiresAt: new Date('2026-01-01T01:00:00Z') } as const
    const seconds = (secondsLeft: number | null) =>
      cacheControlFor(asker, { public: false, cacheControl: null, secondsLeft }, { pinned: true, now })
    expect([seconds(null), seconds(7200), seconds(59.9)]).toEqual([
      'private, max-age=3600, immutable',
      'private, max-age=3600, immutable',
      'private, max-age=59, immutable',
    ])
  })
})
