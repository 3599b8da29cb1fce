/** Run by Node itself in an isolated process: erasable TypeScript only. */
import {
  ADTS,
  CustomSource,
  FLAC,
  Input,
  MATROSKA,
  MP3,
  MP4,
  MPEG_TS,
  OGG,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny'
import type { BoundedReader } from './bounded-reader.ts'

/** Containers that hold everything themselves: a playlist would name other files. */
const FORMATS = [MP4, QTFF, MATROSKA, WEBM, MPEG_TS, OGG, WAVE, FLAC, MP3, ADTS]

const CACHE_BYTES = 16 * 1024 * 1024

/** Opens a container of audio and video, which is read where it is needed, and does something with it. */
export async function withMedia<T>(reader: BoundedReader, work: (input: Input) => Promise<T>): Promise<T> {
  const source = new CustomSource({
    getSize: () => reader.size,
    read: (start, end) => reader.read(start, end),
    maxCacheSize: CACHE_BYTES,
    prefetchProfile: 'network',
    handleUnhandledError: () => undefined,
  })
  const input = new Input({ source, formats: FORMATS })
  try {
    return await work(input)
  } finally {
    input.dispose()
  }
}
