import { type Box, boxOf, freeBox, judgeBoxes } from './boxes.ts'
import { RedactionImpossible } from './impossible.ts'
import { redactMeta, redactUserData } from './iso-tags.ts'
import type { Region } from './region.ts'

/** Tracks for eyes and ears, and what plays them; others hold what was measured while filming: places, faces, the camera. */
const SHOWN = new Set('vide soun text sbtl subt clcp tmcd hint auxv pict sdsm odsm'.split(' '))
/** What players need in a track (ISO/IEC 14496-12, table 1, and QuickTime). */
const TRACK = new Set('tkhd tapt clip matt edts tref trgr txas load imap mdia'.split(' '))

const handlerOf = async (track: Box): Promise<Box | null> => boxOf(track.content, ['mdia', 'hdlr'])

/** Whether a track is to be seen or heard. */
export async function isShown(track: Box): Promise<boolean> {
  const handler = await handlerOf(track)
  return handler === null || SHOWN.has((await handler.content.read(8, 4)).toString('latin1'))
}

/** Leaves of a track what it is played by: its tags are judged, names of its handler and encoder go, since cameras write theirs there. */
export async function redactTrack(track: Box, isNeeded: (box: Box) => Promise<boolean>): Promise<void> {
  await judgeBoxes(track.content, async box => {
    if (box.type === 'udta') await redactUserData(box)
    else if (box.type === 'meta') await redactMeta(box)
    else if (!TRACK.has(box.type) && !(await isNeeded(box))) await freeBox(box)
  })
  const handler = await handlerOf(track)
  for (const each of [handler, await boxOf(track.content, ['mdia', 'minf', 'hdlr'])])
    await each?.content.blank(24, each.content.size)
  if ((await handler?.content.read(8, 4))?.toString('latin1') !== 'vide') return
  const descriptions = await boxOf(track.content, ['mdia', 'minf', 'stbl', 'stsd'])
  // The name of the encoder in a visual sample entry (12.1.3): a length and 31 characters.
  await descriptions?.content.blank(8 + 50, 32)
}

const LARGEST_TABLE = 4 * 1024 * 1024

/** Blanks the samples of a track, wherever they lie in the file (8.7: sizes, samples of a chunk, offsets of chunks). */
export async function takeSamples(track: Box, file: Region): Promise<void> {
  const table = await boxOf(track.content, ['mdia', 'minf', 'stbl'])
  if (!table) return
  const sizes = await tableOf(table, 'stsz')
  const runs = await tableOf(table, 'stsc')
  const wide = await tableOf(table, 'co64')
  const offsets = wide ?? (await tableOf(table, 'stco'))
  if (!sizes || !runs || !offsets) throw new RedactionImpossible('its measurements cannot be found')
  const width = wide ? 8 : 4
  const chunks = Math.floor((offsets.length - 8) / width)
  const runCount = Math.floor((runs.length - 8) / 12)
  let sample = 0
  for (let chunk = 0, run = 0; chunk < chunks; chunk++) {
    while (run + 1 < runCount && runs.readUInt32BE(8 + (run + 1) * 12) <= chunk + 1) run++
    const count = runCount > 0 ? runs.readUInt32BE(8 + run * 12 + 4) : 0
    const at = 8 + chunk * width
    const offset = wide ? Number(wide.readBigUInt64BE(at)) : offsets.readUInt32BE(at)
    const { bytes, end } = sizeOf(sizes, sample, count)
    await file.blank(offset, bytes)
    sample = end
  }
}

/** The bytes of `count` samples from the one numbered `from`, and the number of the next. */
function sizeOf(sizes: Buffer, from: number, count: number): { bytes: number; end: number } {
  const each = sizes.readUInt32BE(4)
  if (each > 0) return { bytes: each * count, end: from + count }
  const end = Math.min(from + count, Math.floor((sizes.length - 12) / 4))
  let bytes = 0
  for (let sample = from; sample < end; sample++) bytes += sizes.readUInt32BE(12 + sample * 4)
  return { bytes, end: Math.max(from, end) }
}

async function tableOf(parent: Box, type: string): Promise<Buffer | null> {
  const box = await boxOf(parent.content, [type])
  if (!box || box.content.size < 12) return null
  if (box.content.size > LARGEST_TABLE) throw new RedactionImpossible('it has too many measurements')
  return Buffer.from(await box.content.read(0, box.content.size))
}
