/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { FileFacts } from '../file-facts.ts'
import { clean, flags, place } from './exif-facts.ts'
import type { Finding } from './tell.ts'
import { walkXml } from './xml-walk.ts'

const LONGEST = 1024 * 1024
const MOST_VALUES = 500
/** Properties whose facts are no field of their own, by their names without a prefix: each is written under several. */
const HINTS = {
  place:
    /:(?:City|State|Country|CountryName|CountryCode|ProvinceState|Location|Sublocation|LocationName|GPSAreaInformation|GPSDestLatitude|GPSLatitude)$/,
  device: /:(?:\w*SerialNumber|LensMake|LensID|HostComputer)$/,
  owner: /:(?:CameraOwnerName|OwnerName|Owner)$/,
} as const satisfies Record<keyof NonNullable<FileFacts['alsoTells']>, RegExp>

/** Elements that structure and name nothing. */
const STRUCTURE = /^(rdf|x):/

/** What an XMP packet tells (ISO 16684-1) by the prefixes that everybody uses; damaged parts tell nothing. */
export function xmpFacts(packet: Buffer): Finding {
  const values = xmpValues(packet.subarray(0, LONGEST).toString('utf8'))
  const first = (...names: string[]) => names.map(name => values.get(name)).find(value => value !== undefined)
  const camera = clean({
    make: first('tiff:Make'),
    model: first('tiff:Model'),
    lens: first('aux:Lens', 'exifEX:LensModel'),
    software: first('xmp:CreatorTool'),
  })
  const hints = (names: RegExp) => [...values.keys()].some(name => names.test(name))
  const facts: FileFacts = clean({
    takenAt: isoTime(first('exif:DateTimeOriginal', 'photoshop:DateCreated', 'xmp:CreateDate')),
    geolocation: place(coordinate(first('exif:GPSLatitude')), coordinate(first('exif:GPSLongitude'))),
    camera: Object.keys(camera).length > 0 ? camera : undefined,
    title: first('dc:title'),
    artist: first('dc:creator'),
    copyright: first('dc:rights'),
    alsoTells: flags({ place: hints(HINTS.place), device: hints(HINTS.device), owner: hints(HINTS.owner) }),
  })
  return { facts, metadata: { xmp: Object.fromEntries(values) } }
}

/** Each property's first value. */
function xmpValues(text: string): Map<string, string> {
  const values = new Map<string, string>()
  const keep = (name: string, value: string) => {
    if (value.trim() !== '' && !values.has(name)) values.set(name, value.trim())
  }
  for (const { name, attributes, text: content, around } of walkXml(text)) {
    for (const [key, value] of attributes) if (!/^(rdf|xml|xmlns|x):|^xmlns$/.test(key)) keep(key, value)
    const owner = STRUCTURE.test(name) ? around.findLast(each => !STRUCTURE.test(each)) : name
    if (owner) keep(owner, content)
    if (values.size >= MOST_VALUES) break
  }
  return values
}

/** `DDD,MM.mmmK` or `DDD,MM,SSK`. */
function coordinate(value: string | undefined): number | undefined {
  const [, degrees, minutes, seconds = '0', side] =
    /^(\d{1,3}),(\d{1,2}(?:\.\d{1,12})?)(?:,(\d{1,2}(?:\.\d{1,12})?))?([NSEW])$/.exec(value ?? '') ?? []
  if (!side) return undefined
  const absolute = Number(degrees) + Number(minutes) / 60 + Number(seconds) / 3600
  return side === 'S' || side === 'W' ? -absolute : absolute
}

/** ISO 8601 as FileFacts has it: in UTC with a zone, as written without one; nothing for a date alone. */
export function isoTime(value: string | undefined): string | undefined {
  const [, local, zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/.exec(value?.trim() ?? '') ?? []
  if (!local) return undefined
  const at = Date.parse(zone ? `${local}${zone.replace(/(\d\d):?(\d\d)$/, '$1:$2')}` : `${local}Z`)
  if (Number.isNaN(at)) return undefined
  return zone ? new Date(at).toISOString() : local
}
