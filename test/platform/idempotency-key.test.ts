import fc from 'fast-check'
import { checkKey, keyOfHeader } from '../../src/platform/idempotency/idempotency-key.ts'
import { requestHash } from '../../src/platform/idempotency/keyed-request.ts'

const key = fc.stringMatching(/^[ -~]{1,255}$/)

test('every key survives a header as a structured-field string', () => {
  fc.assert(
    fc.property(key, text => {
      expect(keyOfHeader(`"${text.replace(/["\\]/g, '\\$&')}"`)).toBe(checkKey(text))
    }),
  )
})

test('whatever a header holds, it is a key that the input would take, or BAD_REQUEST', () => {
  const header = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    key,
    fc.constantFrom('"', '""', '"\\"', "'a'"),
  )
  fc.assert(
    fc.property(header, text => {
      try {
        const taken = keyOfHeader(text)
        expect(checkKey(taken)).toBe(taken)
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_REQUEST' })
      }
    }),
  )
})

const request = (input: unknown, operation = 'make') => ({
  key: 'k',
  item: 0,
  operation,
  input: input as Readonly<Record<string, unknown>>,
})

/** The same value with the keys of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  )
}

test('the hash of a request does not depend on the order of its fields, nor on absent ones', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), input => {
      const hash = requestHash(request(input), null)
      expect(requestHash(request(reversed(input)), null)).toBe(hash)
      expect(requestHash(request({ ...input, absent: undefined }), null)).toBe(hash)
    }),
  )
})

test('requests that differ in anything have different hashes', () => {
  const at = new Date(0)
  const inputs = [
    {},
    { a: null },
    { a: [] },
    { a: {} },
    { a: '' },
    { a: 0 },
    { a: '0' },
    { a: [0] },
    { a: at },
    { b: at },
  ]
  const hashes = [
    ...inputs.map(input => requestHash(request(input), null)),
    requestHash(request({}, 'other'), null),
    requestHash(request({}), 'content'),
    requestHash(request({}), 'other content'),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
})
