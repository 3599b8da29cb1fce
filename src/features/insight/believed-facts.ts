import type {
  AudioDetails,
  DocumentDetails,
  FileFacts,
  ImageDetails,
  Placeholder,
  VideoDetails,
} from './file-facts.ts'
import { plainText } from './plain-json.ts'

/** The value if it may be believed, perhaps cleaned; otherwise undefined. */
type Check<T> = (value: unknown) => T | undefined

const number =
  (least: number, most: number): Check<number> =>
  value =>
    typeof value === 'number' && value >= least && value <= most ? value : undefined
const whole =
  (least: number, most: number): Check<number> =>
  value =>
    Number.isSafeInteger(value) ? number(least, most)(value) : undefined
const matching =
  (pattern: RegExp): Check<string> =>
  value =>
    typeof value === 'string' && pattern.test(value) ? value : undefined
const flag: Check<boolean> = value => (typeof value === 'boolean' ? value : undefined)
const text: Check<string> = value => plainText(value, 500)
const word = matching(/^[\w.+/ -]{1,60}$/)

const pixels = whole(1, 1_000_000)
const bitRate = number(0, 1e12)

/** An object of what passes its check; undefined without a required part, or without any. */
function parts<T extends object>(
  checks: { readonly [K in keyof T]-?: Check<NonNullable<T[K]>> },
  required: ReadonlyArray<keyof T> = [],
): Check<T> {
  return value => {
    const given = Object(value) as Record<string, unknown>
    const kept: Partial<T> = {}
    for (const key of Object.keys(checks) as Array<keyof T & string>) {
      const part = Object.hasOwn(given, key) ? checks[key](given[key]) : undefined
      if (part !== undefined) kept[key] = part
      else if (required.includes(key)) return undefined
    }
    return Object.keys(kept).length > 0 ? (kept as T) : undefined
  }
}

const takenAt: Check<string> = value => {
  const time = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z?$/)(value)
  return time === undefined || Number.isNaN(Date.parse(time)) ? undefined : time
}

const facts = parts<FileFacts>({
  width: pixels,
  height: pixels,
  durationSeconds: number(0, 1e9),
  pageCount: whole(0, 10_000_000),
  geolocation: parts({ latitude: number(-90, 90), longitude: number(-180, 180) }, ['latitude', 'longitude']),
  takenAt,
  camera: parts<NonNullable<FileFacts['camera']>>({ make: text, model: text, lens: text, software: text }),
  title: text,
  artist: text,
  album: text,
  copyright: text,
  image: parts<ImageDetails>(
    {
      storedWidth: pixels,
      storedHeight: pixels,
      orientation: whole(1, 8),
      frameCount: whole(1, 10_000_000),
      colorSpace: word,
      hasAlpha: flag,
    },
    ['storedWidth', 'storedHeight', 'orientation', 'frameCount', 'hasAlpha'],
  ),
  video: parts<VideoDetails>(
    {
      codec: word,
      storedWidth: pixels,
      storedHeight: pixels,
      rotation: whole(0, 270),
      frameRate: number(0, 100_000),
      bitRate,
    },
    ['storedWidth', 'storedHeight', 'rotation'],
  ),
  audio: parts<AudioDetails>({
    codec: word,
    channels: whole(1, 1_000),
    sampleRate: number(1, 10_000_000),
    bitRate,
  }),
  document: parts<DocumentDetails>({
    author: text,
    encrypted: flag,
    pageWidth: number(0, 1e7),
    pageHeight: number(0, 1e7),
  }),
  placeholder: parts<Placeholder>(
    { thumbhash: matching(/^[A-Za-z0-9+/]{6,60}={0,2}$/), dominantColor: matching(/^#[0-9a-f]{6}$/) },
    ['thumbhash', 'dominantColor'],
  ),
  alsoTells: parts<NonNullable<FileFacts['alsoTells']>>({ place: flag, device: flag, owner: flag }),
  searched: flag,
})

/** What may be believed of facts that a process tells, which was given a stranger's file: only what has the right shape. */
export const believedFacts = (told: unknown): FileFacts => facts(told) ?? {}
