import type { Readable } from 'node:stream'
import type { ByteRange } from '../../platform/storage/driver.ts'
import type { StorageKey } from '../../platform/storage/key.ts'
import type { FileRequest } from '../insight/examination.ts'
import type { ContentRef } from './step.ts'

export interface RangeReader {
  readOrLost(ref: { storeId: string; key: StorageKey }, range?: ByteRange): Promise<Readable>
}

/** The stored bytes of a content, for who looks at them. */
export const fileOf = (storage: RangeReader, content: ContentRef, signal: AbortSignal): FileRequest => ({
  mimeType: content.mimeType,
  size: content.size,
  open: range => storage.readOrLost(content, range),
  signal,
})
