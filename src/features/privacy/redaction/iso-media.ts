import { type Box, freeBox, judgeBoxes } from './boxes.ts'
import { RedactionImpossible } from './impossible.ts'
import { redactItems } from './iso-items.ts'
import { redactMeta, redactUserData } from './iso-tags.ts'
import { isShown, redactTrack, takeSamples } from './iso-tracks.ts'
import type { Region } from './region.ts'

/** What players need at the top of a file (ISO/IEC 14496-12, table 1), beside what is looked into. */
const TOP = new Set('ftyp styp pdin mdat wide moof mfra sidx ssix prft'.split(' '))
/** And in `moov`. */
const MOVIE = new Set('mvhd mvex iods pssh'.split(' '))
/** Extensions by UUID that playing depends on: encryption (PIFF), smooth streaming, spherical video. All others are some maker's. */
const NEEDED = new Set([
  'd08a4f1810f34a82b6c832d8aba183d3',
  '8974dbce7be74c5184f97148f9882554',
  'a2394f525a9b4f14a2446c427c648df4',
  '6d1d9b0542d544e680e2141daff757b2',
  'd4807ef2ca3946958e5426cb9e46a79f',
  'ffcc8263f8554a938814587a02521fdd',
])

/**
 * Leaves of MP4, QuickTime, M4A, 3GP, AVIF and HEIF what they are played or shown by, with what songs are tagged with. Places, makers,
 * models and programs go out of user data and metadata, as do whole tracks of measurements, boxes that no standard knows, XMP, and old
 * contents of free space. Nothing moves: what goes becomes free space of its size.
 */
export async function redactIsoMedia(file: Region): Promise<void> {
  await judgeBoxes(file, async box => {
    if (box.type === 'moov') await redactMovie(box, file)
    else if (box.type === 'meta') await redactRootMeta(box, file)
    else if (!TOP.has(box.type) && !(await isNeeded(box))) await freeBox(box)
  })
}

async function redactMovie(movie: Box, file: Region): Promise<void> {
  const dropped: Box[] = []
  let isInPieces = false
  await judgeBoxes(movie.content, async box => {
    if (box.type === 'cmov') throw new RedactionImpossible('its description is compressed')
    isInPieces ||= box.type === 'mvex'
    if (box.type === 'trak') {
      if (await isShown(box)) await redactTrack(box, isNeeded)
      else dropped.push(box)
    } else if (box.type === 'udta') await redactUserData(box)
    else if (box.type === 'meta') await redactMeta(box)
    else if (!MOVIE.has(box.type) && !(await isNeeded(box))) await freeBox(box)
  })
  if (dropped.length > 0 && isInPieces)
    throw new RedactionImpossible('its measurements are spread over its pieces')
  for (const track of dropped) {
    await takeSamples(track, file)
    await freeBox(track)
  }
}

async function redactRootMeta(box: Box, file: Region): Promise<void> {
  const handler = (await box.content.read(20, 4)).toString('latin1')
  if (handler === 'pict') await redactItems(box, file)
  else await redactMeta(box)
}

async function isNeeded({ type, content }: Box): Promise<boolean> {
  return type === 'uuid' && NEEDED.has((await content.read(0, 16)).toString('hex'))
}
