import { type Box, boxesOf, freeBox, judgeBoxes } from './boxes.ts'
import { redactJpeg } from './jpeg.ts'
import type { Region } from './region.ts'

/** What a song or a film is tagged with for people (QuickTime user data; 3GPP TS 26.244, 8), and what playing needs. */
const USER_DATA = new Set(
  'name titl auth perf albm gnre yrrc cprt hnti hinf tsel chpl ©nam ©ART ©alb ©cpy ©day ©gen ©wrt ©com ©trk'.split(
    ' ',
  ),
)
/** The same in the lists of iTunes. */
const ITUNES = new Set(
  '©nam ©ART aART ©alb ©wrt ©gen gnre ©day ©grp ©lyr trkn disk cprt cpil tmpo pgap stik rtng tvsh tven tvsn tves desc ldes'.split(
    ' ',
  ),
)
/** And of QuickTime, by their keys. */
const QUICKTIME = new Set(
  ['title', 'displayname', 'artist', 'album', 'author', 'copyright', 'genre'].map(
    name => `com.apple.quicktime.${name}`,
  ),
)
/** The one free-form tag that playing depends on: how many samples at both ends are silence of the encoder. */
const GAPLESS = 'iTunSMPB'
const MOST_KEYS = 1_000

/** Leaves of user data what people tag with. */
export async function redactUserData(userData: Box): Promise<void> {
  await judgeBoxes(userData.content, async box => {
    if (box.type === 'meta') await redactMeta(box)
    else if (!USER_DATA.has(box.type)) await freeBox(box)
  })
}

/** Leaves of metadata what people tag with; metadata of an unknown kind go as a whole. */
export async function redactMeta(meta: Box): Promise<void> {
  const { content } = meta
  // In ISO files the box has a version, in QuickTime it has none.
  const from = (await content.read(4, 4)).toString('latin1') === 'hdlr' ? 0 : 4
  const handler = (await content.read(from + 16, 4)).toString('latin1')
  if (handler === 'mdir') return redactLists(content.part(from, content.size), itemOfItunes)
  const keys = handler === 'mdta' ? await keysOf(content.part(from, content.size)) : []
  if (!keys.some(key => QUICKTIME.has(key))) return freeBox(meta)
  await redactLists(content.part(from, content.size), async item => {
    const index = Buffer.from(item.type, 'latin1').readUInt32BE()
    if (!QUICKTIME.has(keys[index - 1] ?? '')) await freeBox(item)
  })
}

async function redactLists(meta: Region, judge: (item: Box) => Promise<void>): Promise<void> {
  await judgeBoxes(meta, async box => {
    if (box.type === 'ilst') await judgeBoxes(box.content, judge)
    else if (box.type !== 'hdlr' && box.type !== 'keys') await freeBox(box)
  })
}

async function itemOfItunes(item: Box): Promise<void> {
  if (ITUNES.has(item.type)) return
  if (item.type === '----') {
    const text = (await item.content.read(0, 256)).toString('latin1')
    if (text.includes(GAPLESS)) return
  }
  if (item.type === 'covr') return redactCovers(item)
  await freeBox(item)
}

/** A cover is a picture file, which has metadata like any other. */
async function redactCovers(item: Box): Promise<void> {
  for await (const { content } of boxesOf(item.content)) {
    const picture = content.part(8, content.size)
    if ((await picture.read(0, 2)).toString('hex') === 'ffd8') await redactJpeg(picture)
  }
}

/** The keys of QuickTime metadata in their order: the items count from 1. */
async function keysOf(meta: Region): Promise<string[]> {
  const keys: string[] = []
  for await (const box of boxesOf(meta)) {
    if (box.type !== 'keys') continue
    for (let at = 8; at + 8 <= box.content.size && keys.length < MOST_KEYS; ) {
      const head = await box.content.read(at, 8)
      const size = head.readUInt32BE()
      if (size < 8) break
      keys.push((await box.content.read(at + 8, Math.min(size - 8, 256))).toString('latin1'))
      at += size
    }
  }
  return keys
}
