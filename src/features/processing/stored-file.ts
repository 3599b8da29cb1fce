import type { Readable } from 'node:stream'
import type { ByteRange } from '../../platform/storage/driver.ts'
import type { StorageKey } from '../../platform/storage/key.ts'
import type { ContentRef } from './step.ts'

/** A file as those see it who look into it. */
export interface ExaminedFile {
  readonly mimeType: string
  readonly size: number
  open(range?: ByteRange): Promise<Readable>
  readonly signal?: AbortSignal
}

export interface RangeReader {
  readOrLost(ref: { storeId: string; key: StorageKey }, range?: ByteRange): Promise<Readable>
}

/** What says nothing of the file: the same may succeed later. */
export const PASSING: ReadonlySet<string> = new Set(['source', 'closed', 'aborted'])

/** The stored bytes of a content, for who looks at them. */
export const fileOf = (
  storage: RangeReader,
  content: ContentRef,
  signal: AbortSignal,
): ExaminedFile & { readonly signal: AbortSignal } => ({
  mimeType: content.mimeType,
  size: content.size,
  open: range => storage.readOrLost(content, range),
  signal,
})
