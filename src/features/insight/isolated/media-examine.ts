/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { type Input, type InputAudioTrack, type InputVideoTrack, MPEG_TS } from 'mediabunny'
import type { TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import type { AudioDetails, FileFacts, VideoDetails } from '../file-facts.ts'
import { BoundedReader } from './bounded-reader.ts'
import { clean } from './exif-facts.ts'
import { withMedia } from './media-input.ts'
import { hasNothingElse } from './media-search.ts'
import { areHarmless, tagFacts } from './media-tags.ts'
import { movieTime } from './movie-time.ts'
import { type ExamineArgs, tell } from './tell.ts'

/** Packets by which rates are estimated. */
const PACKETS = 120

/** Tells what a container of audio or video says of itself, and what its first packets show. */
export async function examineMedia({ mimeType, limits }: ExamineArgs, tools: TaskTools): Promise<void> {
  const reader = new BoundedReader(tools, limits.maxReadBytes)
  const isTold = await withMedia(reader, async input => {
    const isFilm = !mimeType.startsWith('audio/')
    // Of a film whose picture it has no name for, the first library would tell the sound.
    if (!(await canRead(input)) || (isFilm && !(await input.getPrimaryVideoTrack()))) return false
    await tellAll(input, reader, tools)
    return true
  })
  if (isTold) return
  const { examineByMediaInfo } = await import('./media-info.ts')
  await examineByMediaInfo(reader, tools)
}

async function tellAll(input: Input, reader: BoundedReader, tools: TaskTools): Promise<void> {
  const format = (await input.getFormat()).name
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()]
  const headers = clean({
    video: video ? await videoHeader(video) : undefined,
    audio: audio ? await audioHeader(audio) : undefined,
  })
  const size = video && { width: await video.getDisplayWidth(), height: await video.getDisplayHeight() }
  const stated = await input.getDurationFromMetadata()
  await tell(tools, {
    facts: clean({ ...size, ...headers, durationSeconds: stated === null ? undefined : thousandths(stated) }),
    metadata: { container: { format, tracks: await trackList(input) } },
  })
  await tell(tools, await tags(input, video ? reader : null))
  if (stated === null) await tell(tools, { facts: { durationSeconds: await lastedFor(input, format) } })
  await tell(tools, { facts: await withRates(headers, video, audio) })
  // Last of all: what breaks off before has not been looked through.
  if (areHarmless(await input.getMetadataTags()) && (await hasNothingElse(reader, format)))
    await tell(tools, { facts: { searched: true } })
}

/** Time stamps of a broadcast begin anywhere. */
async function lastedFor(input: Input, format: string): Promise<number> {
  const start = format === MPEG_TS.name ? await input.getFirstTimestamp() : 0
  return thousandths((await input.computeDuration()) - start)
}

const thousandths = (value: number): number => Math.round(value * 1_000) / 1_000

async function canRead(input: Input): Promise<boolean> {
  try {
    return (await input.canRead()) && (await input.getTracks()).length > 0
  } catch {
    return false
  }
}

async function tags(input: Input, film: BoundedReader | null) {
  const found = await input.getMetadataTags()
  const facts = tagFacts(found)
  const takenAt = film && (facts.takenAt ?? (await movieTime(film).catch(() => undefined)))
  const { images: _images, raw, ...named } = found
  return { facts: { ...facts, takenAt: takenAt ?? undefined }, metadata: { tags: { ...named, raw } } }
}

async function videoHeader(track: InputVideoTrack): Promise<VideoDetails> {
  return clean({
    codec: await codecOf(track),
    storedWidth: await track.getCodedWidth(),
    storedHeight: await track.getCodedHeight(),
    rotation: await track.getRotation(),
  })
}

async function audioHeader(track: InputAudioTrack): Promise<AudioDetails> {
  return clean({
    codec: await codecOf(track),
    channels: await track.getNumberOfChannels(),
    sampleRate: await track.getSampleRate(),
  })
}

async function codecOf(track: InputVideoTrack | InputAudioTrack): Promise<string | undefined> {
  const internal = await track.getInternalCodecId()
  return (await track.getCodec()) ?? (typeof internal === 'string' ? internal.trim() : undefined)
}

async function trackList(input: Input): Promise<unknown[]> {
  const tracks = await input.getTracks()
  return Promise.all(
    tracks.slice(0, 32).map(async track => ({
      type: track.type,
      codec: await track.getCodecParameterString().catch(() => null),
      language: await track.getLanguageCode(),
      name: await track.getName(),
    })),
  )
}

async function withRates(
  { video, audio }: Pick<FileFacts, 'video' | 'audio'>,
  videoTrack: InputVideoTrack | null,
  audioTrack: InputAudioTrack | null,
): Promise<FileFacts> {
  const [ofVideo, ofAudio] = [await rates(videoTrack), await rates(audioTrack)]
  return clean({
    video: video &&
      ofVideo && {
        ...video,
        bitRate: Math.round(ofVideo.averageBitrate),
        frameRate: thousandths(ofVideo.averagePacketRate),
      },
    audio: audio && ofAudio && { ...audio, bitRate: Math.round(ofAudio.averageBitrate) },
  })
}

/** Damaged packets leave the rest of the file's facts as they are. */
async function rates(track: InputVideoTrack | InputAudioTrack | null) {
  const stats = await track?.computePacketStats(PACKETS).catch(() => undefined)
  return stats && stats.packetCount > 0 ? stats : undefined
}
