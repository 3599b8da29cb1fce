/** Run by Node itself in an isolated process: erasable TypeScript only. */
import {
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  type Input,
  type InputVideoTrack,
  MkvOutputFormat,
  Output,
} from 'mediabunny'
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { BoundedReader } from './bounded-reader.ts'
import { withMedia } from './media-input.ts'
import type { PreviewArgs } from './preview-args.ts'

/** The picture wanted lies so far in: behind black and titles, before the end is told. */
const PART = 0.1
/** Seconds that a single frame is said to last. */
const LASTS = 1

/**
 * Makes a Matroska file of one keyframe, and says how its picture is to be shown: square pixels before rotation, degrees clockwise, flipped
 * left to right behind that. Whoever decodes it never sees the container that a stranger made.
 */
export function makeKeyframe({ limits }: PreviewArgs, tools: TaskTools) {
  return withMedia(new BoundedReader(tools, limits.maxReadBytes), async input => {
    const track = await videoOf(input)
    const [width, height] = [await track.getSquarePixelWidth(), await track.getSquarePixelHeight()]
    const stored = (await track.getCodedWidth()) * (await track.getCodedHeight())
    if (stored > limits.maxFramePixels) throw new HandlerFailure('pixel-limit', `${stored} pixels in a frame`)
    await tools.make(await single(track, (await input.getDurationFromMetadata()) ?? 0))
    return { width, height, rotation: await track.getRotation(), flip: await track.getFlip() }
  })
}

async function videoOf(input: Input): Promise<InputVideoTrack> {
  const track = (await input.canRead()) ? await input.getPrimaryVideoTrack() : null
  if (track) return track
  throw new HandlerFailure('no-keyframe', 'the container is of a kind from which no single frame is taken')
}

async function single(track: InputVideoTrack, seconds: number): Promise<Buffer> {
  const codec = await track.getCodec()
  const decoderConfig = await track.getDecoderConfig()
  if (!codec || !decoderConfig) throw new HandlerFailure('no-keyframe', 'the codec is not known')
  const packets = new EncodedPacketSink(track)
  const verified = { verifyKeyPackets: true }
  const packet =
    (await packets.getKeyPacket(seconds * PART, verified)) ?? (await packets.getFirstKeyPacket(verified))
  if (!packet) throw new HandlerFailure('no-keyframe', 'there is no keyframe')
  const output = new Output({ format: new MkvOutputFormat(), target: new BufferTarget() })
  const source = new EncodedVideoPacketSource(codec)
  output.addVideoTrack(source)
  await output.start()
  await source.add(packet.clone({ timestamp: 0, duration: LASTS }), { decoderConfig })
  await output.finalize()
  return Buffer.from(output.target.buffer ?? new ArrayBuffer(0))
}
