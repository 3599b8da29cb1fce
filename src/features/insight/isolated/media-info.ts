/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { fileURLToPath } from 'node:url'
import mediaInfoFactory from 'mediainfo.js'
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import type { AudioDetails, FileFacts, VideoDetails } from '../file-facts.ts'
import type { BoundedReader } from './bounded-reader.ts'
import { clean } from './exif-facts.ts'
import { tagFacts } from './media-tags.ts'
import { tell } from './tell.ts'

type Track = Readonly<Record<string, unknown>>

const CHUNK_BYTES = 256 * 1024

/** Tells what MediaInfo finds in containers of older kinds. It does not list all that they say: none counts as searched. */
export async function examineByMediaInfo(reader: BoundedReader, tools: TaskTools): Promise<void> {
  const tracks = await analyse(reader)
  const [general, video, audio] = ['General', 'Video', 'Audio'].map(type =>
    tracks.find(each => each['@type'] === type),
  )
  if (!general?.Format) throw new HandlerFailure('unreadable', 'no container is recognised')
  await tell(tools, {
    facts: clean({
      ...tagFacts({ raw: Object.fromEntries(tracks.flatMap(tagsOf)) }),
      ...(video && displayed(video)),
      durationSeconds: number(general.Duration) ?? number(video?.Duration) ?? number(audio?.Duration),
      title: text(general.Title),
      artist: text(general.Performer),
      album: text(general.Album),
      copyright: text(general.Copyright),
      video: video && videoDetails(video),
      audio: audio && audioDetails(audio),
    }),
    metadata: { container: { format: general.Format, tracks } },
  })
  if (!video && !audio) throw new HandlerFailure('unreadable', 'there is neither sound nor picture in it')
}

async function analyse(reader: BoundedReader): Promise<readonly Track[]> {
  const wasm = fileURLToPath(import.meta.resolve('mediainfo.js/MediaInfoModule.wasm'))
  const info = await mediaInfoFactory({ format: 'object', chunkSize: CHUNK_BYTES, locateFile: () => wasm })
  try {
    // What is not read for want of budget is taken for the end of the file: what was found before stays.
    const read = (size: number, offset: number) =>
      reader.read(offset, offset + size).catch(() => new Uint8Array(0))
    const result = await info.analyzeData(reader.size, read)
    return (result.media?.track ?? []) as unknown as readonly Track[]
  } finally {
    info.close()
  }
}

/** What is said of a track, by the names of MediaInfo; what it has no name for lies one deeper. */
const tagsOf = (track: Track): [string, string][] =>
  [...Object.entries(track), ...Object.entries(Object(track.extra))].filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )

function displayed(video: Track): FileFacts {
  const [width, height] = [number(video.Width), number(video.Height)]
  if (!width || !height) return {}
  const wide = Math.round(width * (number(video.PixelAspectRatio) ?? 1))
  return rotationOf(video) % 180 === 0 ? { width: wide, height } : { width: height, height: wide }
}

const rotationOf = (video: Track): number => Math.round((number(video.Rotation) ?? 0) / 90) * 90

function videoDetails(video: Track): VideoDetails {
  return clean({
    codec: text(video.Format),
    storedWidth: number(video.Width) ?? 0,
    storedHeight: number(video.Height) ?? 0,
    rotation: rotationOf(video),
    frameRate: number(video.FrameRate),
    bitRate: number(video.BitRate),
  })
}

function audioDetails(audio: Track): AudioDetails {
  return clean({
    codec: text(audio.Format),
    channels: number(audio.Channels),
    sampleRate: number(audio.SamplingRate),
    bitRate: number(audio.BitRate),
  })
}

function number(value: unknown): number | undefined {
  const found = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
