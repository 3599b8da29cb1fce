/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { MetadataTags } from 'mediabunny'
import type { FileFacts } from '../file-facts.ts'
import { clean, flags, place } from './exif-facts.ts'
import { isoTime } from './xmp-facts.ts'

type Raw = NonNullable<MetadataTags['raw']>

const COPYRIGHT = ['cprt', '©cpy', 'com.apple.quicktime.copyright', 'TCOP', 'COPYRIGHT', 'ICOP']

/**
 * By which names formats keep what the library gives no name to, without case and with dots for whatever parts words: what one program
 * writes is taken over into other containers by others, with a prefix before it (`com.apple.quicktime.make`, `WM/Make`) or a language
 * behind it (`location-eng`).
 */
const NAMES = {
  make: /(?:^|\.)(?:make|manufacturer|©mak|hardware\.companyname)$/,
  model: /(?:^|\.)(?:model|©mod|hardware\.(?:name|model))$/,
  software: /(?:^|\.)(?:software|©swr|©too)$/,
  place: /(?:^|\.)(?:location(?:\.iso6709)?|©?xyz|gpscoordinates)$/,
  takenAt: /(?:^|\.)(?:creationdate|©day|date\.recorded)$/,
} as const satisfies Record<string, RegExp>

/** Told in a way that is no position, no maker and no model. */
const HINTS = {
  place: /location|(?:^|\.)(?:city|state|country|sublocation)$|gps|latitude|longitude|(?:^|\.)geo/,
  device: /serial|lens|camera|device|hardware|hostcomputer/,
  owner: /owner/,
} as const satisfies Record<keyof NonNullable<FileFacts['alsoTells']>, RegExp>

const named = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}©-]+/gu, '.')
    .replace(/-[a-z]{3}$/, '')

/** What tags of a container tell. */
export function tagFacts({ title, artist, album, raw = {} }: Pick<MetadataTags, Told | 'raw'>): FileFacts {
  // What people name themselves lies one deeper in ID3.
  const told = [...Object.entries(raw), ...Object.entries(Object(raw.TXXX) as Raw)].flatMap(
    ([name, value]) => {
      const text = [value].flat().find(each => typeof each === 'string' && each.trim() !== '')
      return typeof text === 'string' ? [{ name: named(name), text }] : []
    },
  )
  const all = (names: RegExp) => told.filter(({ name }) => names.test(name)).map(({ text }) => text)
  const hints = (names: RegExp) => told.some(({ name }) => names.test(name) && !HARMLESS_KINDS.test(name))
  const camera = clean({
    make: all(NAMES.make)[0],
    model: all(NAMES.model)[0],
    software: all(NAMES.software)[0],
  })
  const geolocation = all(NAMES.place)
    .map(iso6709)
    .find(position => position !== undefined)
  return clean({
    title,
    artist,
    album,
    copyright: COPYRIGHT.map(name => raw[name]).find(value => typeof value === 'string'),
    // A tool alone is no camera.
    camera: camera.make || camera.model ? camera : undefined,
    geolocation,
    takenAt: all(NAMES.takenAt)
      .map(isoTime)
      .find(time => time !== undefined),
    alsoTells: flags({ place: hints(HINTS.place), device: hints(HINTS.device), owner: hints(HINTS.owner) }),
  })
}

type Told = 'title' | 'artist' | 'album'

/** Tags that say what is played and how it was packed, and neither where nor with what it was made; `named` as above. */
const HARMLESS = new Set(
  `title subtitle artist artists albumartist album.artist album comment comments description synopsis summary genre date year
  date.released date.recorded date.encoded creation.time creationdate track tracknumber tracktotal totaltracks part.number total.parts disc
  discnumber disctotal totaldiscs composer conductor performer lyricist copyright license publisher organization label language
  lyrics isrc barcode catalognumber bpm compilation encoder encoder.options encoding encoded.by encoding.settings vendor vendor.id handler.name duration
  major.brand minor.version compatible.brands bps number.of.frames number.of.bytes metadata.block.picture coverart contact version
  source.id mood movie.name alpha.mode stereo.mode waveformatextensible.channel.mask
  tag tit1 tit2 tit3 tpe1 tpe2 tpe3 tpe4 talb tcon trck tpos tdrc tdor tdrl tden tyer tdat time tcom text tcop tenc tsse tlen tbpm tkey tlan tpub tsrc
  tcmp tsoa tsop tsot tsst tmoo tofn tory tsiz uslt sylt comm apic popm pcnt rva2 rvad mcdi
  inam iart icmt icop icrd ignr iprd itrk iprt ilng isbj ikey titl auth`.split(/\s+/),
)
const HARMLESS_KINDS = /^(?:(?:replaygain|r128|musicbrainz|statistics)\.|\.statistics\.)/

/** Whether a tag of that name says neither where nor with what something was made; of a name that nobody knows, not. */
export function isHarmlessTag(name: string): boolean {
  const known = named(name)
  return HARMLESS.has(known) || HARMLESS_KINDS.test(known)
}

/** Whether all tags are known to be harmless, and the pictures among them say nothing themselves. */
export function areHarmless({ raw = {}, images = [] }: Pick<MetadataTags, 'raw' | 'images'>): boolean {
  return (
    images.every(({ data }) => !hasMetadata(Buffer.from(data))) &&
    Object.entries(raw).every(([name, value]) =>
      // What people name themselves is a list of its own.
      name === 'TXXX' ? Object.keys(value as object).every(isHarmlessTag) : isHarmlessValue(name, value),
    )
  )
}

function isHarmlessValue(name: string, value: Raw[string]): boolean {
  // Recorders write what they are where programs write theirs.
  if (name === 'ISFT') return /^Lav[cf]/.test(String(value))
  return isHarmlessTag(name) || isHarmlessPicture(value)
}

/** A file that is attached, if it is a picture that says nothing itself. */
function isHarmlessPicture(value: Raw[string]): boolean {
  const { data, mimeType } = Object(value) as { data?: unknown; mimeType?: unknown }
  return (
    data instanceof Uint8Array && /^image\/(?!svg)/.test(String(mimeType)) && !hasMetadata(Buffer.from(data))
  )
}

/** Whether a picture says more than what it shows, in any of the ways in which pictures do. */
const hasMetadata = (picture: Buffer): boolean =>
  ['Exif\0', 'EXIF', 'eXIf', 'xmpmeta', 'xpacket', 'Photoshop 3.0'].some(mark => picture.includes(mark))

/** A position in ISO 6709: signed degrees, or with minutes, or with minutes and seconds, each perhaps with decimals. */
export function iso6709(value: string | undefined): FileFacts['geolocation'] {
  const [, latitude, longitude] =
    /^([+-]\d{2,6}(?:\.\d{1,12})?)([+-]\d{3,7}(?:\.\d{1,12})?)(?:[+-/]|CRS|$)/.exec(value ?? '') ?? []
  return place(angle(latitude, 2), angle(longitude, 3))
}

function angle(text: string | undefined, digits: number): number | undefined {
  if (text === undefined) return undefined
  const [whole = '', decimals = ''] = text.slice(1).split('.')
  const parts = [whole.slice(0, digits), whole.slice(digits, digits + 2), whole.slice(digits + 2)].filter(
    Boolean,
  )
  const values = parts.map((part, at) => Number(at === parts.length - 1 ? `${part}.${decimals}0` : part))
  const absolute = values.reduce((sum, value, at) => sum + value / 60 ** at, 0)
  return text.startsWith('-') ? -absolute : absolute
}
