import type { Readable } from 'node:stream'
import type { ByteRange } from '../../platform/storage/driver.ts'
import type { StorageKey } from '../../platform/storage/key.ts'
import type { FileRequest } from '../insight/examination.ts'
import type { ContentRef } from './step.ts'

/** Where bytes lie, and what they are. */
export type StoredBytes = Pick<ContentRef, 'storeId' | 'key' | 'size' | 'mimeType'>

export interface RangeReader {
  readOrLost(ref: { storeId: string; key: StorageKey }, range?: ByteRange): Promise<Readable>
}

/** Stored bytes, for who looks at them. */
export const fileOf = (storage: RangeReader, stored: StoredBytes, signal: AbortSignal): FileRequest => ({
  mimeType: stored.mimeType,
  size: stored.size,
  open: range => storage.readOrLost(stored, range),
  signal,
})
