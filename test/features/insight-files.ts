import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FileRequest } from '../../src/features/insight/examination.ts'
import type { Fixture } from '../support/fixtures.ts'

/** The type as which a fixture would be examined, also where it has none. */
export const typeOf = ({ file, mimeType }: Fixture): string =>
  mimeType ?? (file.endsWith('.xlsx') ? SHEET : 'image/jpeg')

const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** A fixture as the store would give it. */
export const fileOf = (fixture: Fixture): FileRequest => ({
  mimeType: typeOf(fixture),
  size: fixture.size,
  open: async ({ start, end }) => createReadStream(fixture.path, { start, end }),
})

/** Bytes as the store would give them. */
export const bytesOf = (bytes: Buffer, mimeType: string): FileRequest => ({
  mimeType,
  size: bytes.length,
  open: async ({ start, end }) => Readable.from(slices(bytes.subarray(start, end + 1))),
})

export function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
