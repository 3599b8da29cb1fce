/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { MetadataTags } from 'mediabunny'
import type { FileFacts } from '../file-facts.ts'
import { clean, place } from './exif-facts.ts'
import { isoTime } from './xmp-facts.ts'

const QUICKTIME = 'com.apple.quicktime'

/** Where formats keep what the library gives no name to. */
const NAMES = {
  copyright: ['cprt', '©cpy', `${QUICKTIME}.copyright`, 'TCOP', 'COPYRIGHT', 'ICOP'],
  make: [`${QUICKTIME}.make`, '©mak', 'com.android.manufacturer'],
  model: [`${QUICKTIME}.model`, '©mod', 'com.android.model'],
  software: [`${QUICKTIME}.software`, '©swr', '©too'],
  place: [`${QUICKTIME}.location.ISO6709`, '©xyz', 'LOCATION'],
  takenAt: [`${QUICKTIME}.creationdate`, '©day', 'DATE_RECORDED'],
} as const satisfies Record<string, readonly string[]>

/** What tags of a container tell. */
export function tagFacts({ title, artist, album, raw = {} }: MetadataTags): FileFacts {
  const find = (names: readonly string[]) =>
    names.map(name => raw[name]).find(value => typeof value === 'string')
  const camera = clean({ make: find(NAMES.make), model: find(NAMES.model), software: find(NAMES.software) })
  return clean({
    title,
    artist,
    album,
    copyright: find(NAMES.copyright),
    // A tool alone is no camera.
    camera: camera.make || camera.model ? camera : undefined,
    geolocation: iso6709(find(NAMES.place)),
    takenAt: isoTime(find(NAMES.takenAt)),
  })
}

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
