import { LONGEST_SIDE } from './limits.ts'
import {
  choice,
  colour,
  decimal,
  flag,
  integer,
  oneOf,
  point,
  region,
  type ValueKind,
} from './value-kinds.ts'

export const GRAVITIES = {
  CENTER: 'Towards the middle.',
  NORTH: 'Towards the top.',
  NORTH_EAST: 'Towards the top right corner.',
  EAST: 'Towards the right.',
  SOUTH_EAST: 'Towards the bottom right corner.',
  SOUTH: 'Towards the bottom.',
  SOUTH_WEST: 'Towards the bottom left corner.',
  WEST: 'Towards the left.',
  NORTH_WEST: 'Towards the top left corner.',
  ATTENTION: 'Towards what draws the eye: bright colours, skin, strong contrasts. CENTER for animations.',
  ENTROPY: 'Towards where there is most to see. CENTER for animations.',
} as const

export const FORMATS = {
  AUTO: 'WebP for who accepts it (`Accept`), otherwise JPEG for a JPEG, GIF for a GIF, PNG for all else.',
  JPEG: 'JPEG: no transparency, no animation.',
  PNG: 'PNG: nothing is lost, no animation.',
  WEBP: 'WebP.',
  AVIF: 'AVIF: half the bytes of WebP for three times its work; no animation.',
  GIF: 'GIF: 256 colours.',
} as const
export type Format = keyof typeof FORMATS

export const FITS = {
  COVER: 'Fills the box; what does not fit is cut off.',
  CONTAIN: 'The whole picture within the box; the rest of the box is background.',
  INSIDE: 'As large as fits into the box; nothing is cut off or added.',
  OUTSIDE: 'As small as covers the box; nothing is cut off or added.',
  FILL: 'Stretched to the box.',
} as const
export type Fit = keyof typeof FITS

/** One thing that can be asked for: what it takes, and what it does. */
export interface Operation {
  // biome-ignore lint/suspicious/noExplicitAny: a table mixes value types; each row keeps its own in Recipe.
  readonly value: ValueKind<any>
  /** What it does, for the docs of the API. */
  readonly about: string
  /** A value for the docs; without one it stands in no recipe. */
  readonly sample?: unknown
}

const side = { min: 1, max: LONGEST_SIDE }

/** Every operation, in the order in which a recipe names them. Input, recipe and docs are made from this table. */
export const OPERATIONS = {
  width: {
    value: integer('w', side),
    sample: 400,
    about: 'Width of the box in pixels. Without height, the height follows.',
  },
  height: {
    value: integer('h', side),
    sample: 300,
    about: 'Height of the box in pixels. Without width, the width follows.',
  },
  fit: {
    value: choice('f', FITS),
    sample: 'INSIDE',
    about: 'How the picture comes into a box of width and height. COVER without it.',
  },
  crop: {
    value: region('c'),
    sample: { x: 0.1, y: 0, width: 0.5, height: 1 },
    about: 'Takes only this part of the picture, as it is shown, before anything else is done.',
  },
  focalPoint: {
    value: point('p'),
    sample: { x: 0.3, y: 0.2 },
    about:
      'What has to stay in view when COVER cuts off, as a place in what `crop` leaves; not with gravity.',
  },
  gravity: {
    value: choice('g', GRAVITIES),
    sample: 'NORTH',
    about: 'What COVER keeps, and where CONTAIN puts the picture. CENTER without it.',
  },
  enlarge: {
    value: flag('enlarge'),
    sample: true,
    about: 'Whether a picture may become larger than it is. Drawings (SVG) always may.',
  },
  flip: { value: flag('flip'), sample: true, about: 'Top to bottom; before it is turned.' },
  flop: { value: flag('flop'), sample: true, about: 'Left to right; before it is turned.' },
  rotate: {
    value: oneOf('r', [0, 90, 180, 270]),
    sample: 90,
    about:
      'Turns it clockwise, in degrees, as the last thing: width and height are those of what is made, places those of before.',
  },
  grayscale: { value: flag('gray'), sample: true, about: 'Takes the colours away.' },
  blur: {
    value: decimal('blur', { min: 0.3, max: 20 }),
    sample: 2.5,
    about: 'Blurs; the standard deviation in pixels of what is made.',
  },
  sharpen: {
    value: decimal('sharp', { min: 0.3, max: 10 }),
    sample: 1,
    about: 'Sharpens; the standard deviation in pixels of what is made.',
  },
  background: {
    value: colour('bg'),
    sample: 'ffcc00',
    about:
      'What stands behind transparent parts and fills the box of CONTAIN. Without it they are transparent, and white in JPEG.',
  },
  format: { value: choice('', FORMATS), sample: 'WEBP', about: 'What is made. AUTO without it.' },
  quality: {
    value: integer('q', { min: 1, max: 100 }),
    sample: 70,
    about: 'Quality of JPEG, WebP (80 without it) and AVIF (50).',
  },
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS
type ValueOf<K> = K extends { readonly value: ValueKind<infer T> } ? T : never

/** What each operation was given, of those that change something. */
export type Settings = { readonly [Name in OperationName]?: ValueOf<(typeof OPERATIONS)[Name]> }

/** Ratio of pixels of a screen to those of a page: no operation of its own, it makes the box larger. */
export const DPR = {
  value: decimal('dpr', { min: 1, max: 4 }),
  about: 'Pixels of the screen for each pixel of the page: multiplies width and height.',
} as const satisfies Operation
