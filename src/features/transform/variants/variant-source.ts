import type { StorageKey } from '../../../platform/storage/key.ts'

/** One content, as far as pictures of it are concerned. */
export interface PicturedContent {
  readonly accountId: string
  /** SHA-256 of the content in lower-case hex. */
  readonly sha256: string
  readonly storeId: string
  readonly key: StorageKey
  /** Bytes. */
  readonly size: number
  /** The true type. */
  readonly mimeType: string
}

/** The bytes that pictures are made from, and their true type. */
export type PictureBytes = Pick<PicturedContent, 'storeId' | 'key' | 'size' | 'mimeType'>

const DRAWING = 'image/svg+xml'

/** What is decoded here. HEIC is not: its pictures are made from its preview. */
const DECODED: ReadonlySet<string> = new Set([
  'image/apng',
  'image/avif',
  'image/gif',
  'image/jpeg',
  'image/png',
  DRAWING,
  'image/tiff',
  'image/webp',
])

/** Whether pictures are made from the content itself; of any other they are made from its preview. */
export const isPictureItself = (mimeType: string): boolean => DECODED.has(mimeType)

/** Whether it has no pixels of its own. */
export const isDrawing = (mimeType: string): boolean => mimeType === DRAWING
