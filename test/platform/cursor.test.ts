import fc from 'fast-check'
import { decodeCursor, encodeCursor } from '../../src/platform/lib/cursor.ts'

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[\w .:-]*$/),
  fc.stringMatching(/^[ -~]*$/),
  fc.integer(),
  fc.boolean(),
)

test('a cursor is JSON in base64url, and gives its position back in its own order alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(value, { maxLength: 4 }), (order, values) => {
      const cursor = encodeCursor({ order, values })
      expect(cursor).toBe(Buffer.from(JSON.stringify([order, ...values])).toString('base64url'))
      expect(decodeCursor(cursor, order)).toEqual({ order, values })
      expect(decodeCursor(cursor, `${order} `)).toBeNull()
    }),
    { numRuns: 2_000 },
  )
})
