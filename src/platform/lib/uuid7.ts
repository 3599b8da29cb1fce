import { randomBytes } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether the text is a UUID in its canonical lower-case form (RFC 9562, 4). */
export const isUuid = (text: string): boolean => UUID.test(text)

/** A UUID as it is written here, of one that a client may write with capitals (RFC 9562, 4); what is none stays none. */
export const canonicalUuid = (text: string): string => text.toLowerCase()

/** Makes UUIDv7s that grow within one process, also within a millisecond (RFC 9562, 5.7 and 6.2 method 1). */
export function uuid7Maker(now: () => number = Date.now): () => string {
  let last = 0
  let counter = 0
  return () => {
    const random = randomBytes(10)
    const time = now()
    if (time > last) {
      last = time
      counter = random.readUInt16BE(0) & 0x7ff
    } else if (++counter > 0xfff) {
      last += 1
      counter = 0
    }
    const hex = last.toString(16).padStart(12, '0')
    const tail = random.subarray(2)
    tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80
    const rest = tail.toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${rest.slice(0, 4)}-${rest.slice(4)}`
  }
}
