/** Run by Node itself in an isolated process: erasable TypeScript only. */
import exifReader from 'exif-reader'
import type { FileFacts } from '../file-facts.ts'
import type { Finding } from './tell.ts'

type Tags = Readonly<Record<string, unknown>>

const MINUTE = 60_000
const DAY = 1_440 * MINUTE
/** A zone is a whole number of these, at most 14 hours from UTC. */
const ZONE_STEP = 15 * MINUTE
const LARGEST_ZONE = 14 * 60 * MINUTE
/** A position may be older than the picture. */
const STALE = 5 * MINUTE

/** What an EXIF block tells (CIPA DC-008); damaged parts tell nothing. */
export function exifFacts(block: Buffer): Finding {
  const { Image, Photo, GPSInfo } = readBlock(block)
  const image = texts(Image)
  const photo = texts(Photo)
  const gps = texts(GPSInfo)
  const camera = clean({
    make: text(image.Make),
    model: text(image.Model),
    lens: text(photo.LensModel),
    software: text(image.Software),
  })
  const facts: FileFacts = clean({
    takenAt: takenAt(photo, gps),
    geolocation: geolocation(gps),
    camera: Object.keys(camera).length > 0 ? camera : undefined,
    artist: text(image.Artist),
    copyright: text(image.Copyright),
    title: text(image.ImageDescription),
    alsoTells: flags({
      place: isSaid(gps.GPSAreaInformation) || isSaid(gps.GPSDestLatitude),
      device: [
        photo.LensMake,
        photo.BodySerialNumber,
        photo.LensSerialNumber,
        image.CameraSerialNumber,
        image.HostComputer,
      ].some(isSaid),
      owner: isSaid(photo.CameraOwnerName) || isSaid(image.XPAuthor),
    }),
  })
  return { facts, metadata: { exif: { image: asWritten(image), photo: asWritten(photo), gps } } }
}

function readBlock(block: Buffer): Partial<Record<'Image' | 'Photo' | 'GPSInfo', Tags>> {
  try {
    return exifReader(block) as Partial<Record<'Image' | 'Photo' | 'GPSInfo', Tags>>
  } catch {
    return {}
  }
}

/** Text beyond ASCII comes as bytes. */
function texts(tags: Tags | undefined | null): Tags {
  return Object.fromEntries(
    Object.entries(tags ?? {}).map(([key, value]) => [
      key,
      Buffer.isBuffer(value) ? decoded(key, value) : value,
    ]),
  )
}

const TEXT_TAGS = new Set([
  'Make',
  'Model',
  'Software',
  'Artist',
  'Copyright',
  'ImageDescription',
  'LensMake',
  'LensModel',
  'LensSerialNumber',
  'BodySerialNumber',
  'CameraOwnerName',
  'CameraSerialNumber',
  'HostComputer',
])

function decoded(key: string, bytes: Buffer): unknown {
  return TEXT_TAGS.has(key) ? exifText(bytes).replace(/\0+$/, '') : bytes
}

/** What a camera or an editor wrote, as text, though the standard knows ASCII alone: UTF-8, or else what Windows takes for it. */
export function exifText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** Local times without the zone that the reader puts to them. */
const asWritten = (tags: Tags): Tags =>
  Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [
      key,
      time(value) === undefined ? value : localTime(value as Date),
    ]),
  )

const localTime = (date: Date): string => date.toISOString().slice(0, 19)

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

/** Whether there is anything but spaces, in a text or in bytes that may be one. */
const isSaid = (value: unknown): boolean =>
  Buffer.isBuffer(value) || Array.isArray(value)
    ? value.some(each => each !== 0 && each !== 0x20)
    : typeof value === 'string' && /[^\s\0]/.test(value)

/** The moment in UTC where an offset or a satellite tells the zone, otherwise local time without one. */
function takenAt(photo: Tags, gps: Tags): string | undefined {
  // The reader gives local time as if it were UTC.
  const local = time(photo.DateTimeOriginal) ?? time(photo.DateTimeDigitized)
  const satellite = satelliteTime(gps)
  if (local === undefined) return satellite === undefined ? undefined : new Date(satellite).toISOString()
  const offset = statedOffset(photo.OffsetTimeOriginal ?? photo.OffsetTime) ?? impliedOffset(local, satellite)
  return offset === undefined ? localTime(new Date(local)) : new Date(local - offset).toISOString()
}

function time(value: unknown): number | undefined {
  const at = value instanceof Date ? value.getTime() : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

function statedOffset(value: unknown): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)/.exec(String(value)) ?? []
  if (!sign) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE
}

function impliedOffset(local: number, satellite: number | undefined): number | undefined {
  if (satellite === undefined) return undefined
  const offset = Math.round((local - satellite) / ZONE_STEP) * ZONE_STEP
  const isZone = Math.abs(offset) <= LARGEST_ZONE && Math.abs(local - satellite - offset) <= STALE
  return isZone ? offset : undefined
}

function satelliteTime(gps: Tags): number | undefined {
  const [, year, month, day] = /^(\d{4})[:-](\d\d)[:-](\d\d)/.exec(String(gps.GPSDateStamp)) ?? []
  const [hours, minutes, seconds] = numbers(gps.GPSTimeStamp) ?? []
  if (!year || hours === undefined || minutes === undefined || seconds === undefined) return undefined
  const ofDay = (hours * 60 + minutes) * MINUTE + seconds * 1_000
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  return ofDay < DAY ? Math.round(date + ofDay) : undefined
}

function geolocation(gps: Tags): FileFacts['geolocation'] {
  const latitude = degrees(gps.GPSLatitude, gps.GPSLatitudeRef, 'S')
  const longitude = degrees(gps.GPSLongitude, gps.GPSLongitudeRef, 'W')
  return place(latitude, longitude)
}

/** A position, unless it is none: cameras without one write zeros. */
export function place(latitude: number | undefined, longitude: number | undefined): FileFacts['geolocation'] {
  if (latitude === undefined || longitude === undefined || (latitude === 0 && longitude === 0))
    return undefined
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined
}

function degrees(value: unknown, ref: unknown, negative: string): number | undefined {
  const [whole, minutes = 0, seconds = 0] = numbers(value) ?? []
  if (whole === undefined) return undefined
  const absolute = whole + minutes / 60 + seconds / 3600
  return String(ref).startsWith(negative) ? -absolute : absolute
}

function numbers(value: unknown): number[] | undefined {
  const all = Array.isArray(value) ? value : [value]
  return all.every(each => Number.isFinite(each)) ? (all as number[]) : undefined
}

/** Those that hold; nothing where none does. */
export function flags<T extends string>(
  all: Readonly<Record<T, boolean>>,
): { [K in T]?: boolean } | undefined {
  const holding = Object.entries(all).filter(([, holds]) => holds)
  return holding.length > 0 ? (Object.fromEntries(holding) as { [K in T]?: boolean }) : undefined
}

/** Without the parts that are undefined. */
export function clean<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T
}
