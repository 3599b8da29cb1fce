import {
  type GivenSignature,
  type SignedContent,
  UrlSigner,
} from '../../src/features/delivery/signing/url-signer.ts'
import { AppError } from '../../src/platform/errors.ts'
import type { SigningKeys } from '../../src/platform/signing-keys.ts'

const FIRST = { kid: 'first', secret: 'the first signing secret' }
const SECOND = { kid: 'second', secret: 'the second signing secret' }
const CONTENT: SignedContent = {
  mediaId: '01234567-89ab-7def-8123-456789abcdef',
  contentVersion: 3,
  variant: 'original',
  verb: 'GET',
  disposition: 'inline',
}

let now = Date.parse('2030-01-01T00:00:00Z')
const signer = (...keys: SigningKeys) => new UrlSigner({ keys, clock: { now: () => new Date(now) } })

function sent(content = CONTENT, seconds = 3_600): GivenSignature {
  const { exp, kid, sig } = signer(FIRST).sign(content, seconds)
  return { exp: String(exp), kid, sig }
}

function outcome(verify: () => Date): string {
  try {
    verify()
    return 'valid'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

test('a signature holds for what it was made for', () => {
  expect(outcome(() => signer(FIRST).verify(CONTENT, sent()))).toBe('valid')
})

test.each<[string, Partial<Record<keyof SignedContent, unknown>>]>([
  ['media', { mediaId: CONTENT.mediaId.replace('0', '1') }],
  ['version', { contentVersion: 4 }],
  ['variant', { variant: 'w=200' }],
  ['verb', { verb: 'PUT' }],
  ['disposition', { disposition: 'attachment' }],
])('a signature does not hold for another %s', (_, change) => {
  const other = { ...CONTENT, ...change } as SignedContent
  expect(outcome(() => signer(FIRST).verify(other, sent()))).toBe('SIGNATURE_INVALID')
})

const { exp, sig } = sent() as { exp: string; sig: string }
test.each<[string, GivenSignature]>([
  ['a later end', { exp: String(Number(exp) + 1) }],
  ['an end that is no number', { exp: `${exp}.0` }],
  ['no end', { exp: undefined }],
  ['two ends', { exp: [exp, exp] }],
  ['another known key', { kid: 'second' }],
  ['an unknown key', { kid: 'third' }],
  ['no key', { kid: undefined }],
  ['another signature', { sig: sig.startsWith('A') ? `B${sig.slice(1)}` : `A${sig.slice(1)}` }],
  ['half a signature', { sig: sig.slice(0, 20) }],
  ['an empty signature', { sig: '' }],
  ['a padded signature', { sig: `${sig}=` }],
  ['no signature', { sig: undefined }],
])('%s is refused', (_, change) => {
  expect(outcome(() => signer(FIRST, SECOND).verify(CONTENT, { ...sent(), ...change }))).toBe(
    'SIGNATURE_INVALID',
  )
})

test('a new first key signs, the old one verifies until it is taken out', () => {
  const old = sent()
  const rotated = signer(SECOND, FIRST)
  expect(rotated.sign(CONTENT, 60).kid).toBe('second')
  expect(outcome(() => rotated.verify(CONTENT, old))).toBe('valid')
  expect(outcome(() => signer(SECOND).verify(CONTENT, old))).toBe('SIGNATURE_INVALID')
  const impostor = { ...FIRST, secret: 'another secret by this name' }
  expect(outcome(() => signer(impostor).verify(CONTENT, old))).toBe('SIGNATURE_INVALID')
})

test.each([1, 2, 59, 60, 61, 3_600, 604_800])(
  'asked for %i seconds, it ends at most so much later, at least 59/60 of it, and not before',
  seconds => {
    for (const offset of [0, 1, 999, 12_345, 3_599_999]) {
      now = Date.parse('2030-01-01T00:00:00Z') + offset
      const lasts = Number(sent(CONTENT, seconds).exp) - now / 1000
      expect(lasts).toBeLessThanOrEqual(seconds)
      expect(lasts).toBeGreaterThan(seconds - Math.max(1, seconds / 60))
    }
    const issued = sent(CONTENT, seconds)
    now = Number(issued.exp) * 1000 - 1
    expect(outcome(() => signer(FIRST).verify(CONTENT, issued))).toBe('valid')
    now += 1
    expect(outcome(() => signer(FIRST).verify(CONTENT, issued))).toBe('SIGNATURE_INVALID')
  },
)

test('within a step the same content has the same signature', () => {
  now = Date.parse('2030-01-01T00:00:00Z')
  const early = sent()
  now += 59_000
  expect(sent()).toEqual(early)
  now += 1_000
  expect(sent()).not.toEqual(early)
})
