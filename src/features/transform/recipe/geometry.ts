/** Sizes and parts of pictures, without any of their bytes. Also run by Node itself: erasable TypeScript only. */
import { LONGEST_SIDE } from './limits.ts'
import type { Recipe } from './recipe.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Area extends Size {
  readonly left: number
  readonly top: number
}

/** Pixels at each side. */
export interface Margins {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** A picture as it is shown; a drawing has no pixels of its own. */
export interface Source extends Size {
  readonly isDrawing: boolean
}

/** How a recipe is carried out on one picture. */
export interface Plan {
  /** How large a drawing is drawn before a part of it is taken, or it is stretched; null for what need not be. */
  readonly drawn: Size | null
  /** Taken out of the picture before it is scaled; null for all of it. */
  readonly region: Area | null
  /** What that is scaled to. */
  readonly scaled: Size
  /** Taken out of what was scaled; null for all of it. */
  readonly window: Area | null
  /** What is added around the picture; null for nothing. */
  readonly canvas: Margins | null
  /** What is made, when it has been turned. */
  readonly output: Size
}

/** Up to so much more than is needed is scaled and cut off: a decoder that scales by itself is faster than one that cuts first. */
const SPARE = 2

/** A drawing is drawn with so many pixels at most to take a part of it. */
const LONGEST_DRAWN = 16_384
const MOST_DRAWN = 16_000_000

const MIDDLE = { x: 0.5, y: 0.5 }

/** Gravity as the place that stays in view. */
const PLACES: Partial<Record<NonNullable<Recipe['gravity']>, { readonly x: number; readonly y: number }>> = {
  NORTH: { x: 0.5, y: 0 },
  NORTH_EAST: { x: 1, y: 0 },
  EAST: { x: 1, y: 0.5 },
  SOUTH_EAST: { x: 1, y: 1 },
  SOUTH: { x: 0.5, y: 1 },
  SOUTH_WEST: { x: 0, y: 1 },
  WEST: { x: 0, y: 0.5 },
  NORTH_WEST: { x: 0, y: 0 },
}

/** The plan of a recipe for a picture of a known size. */
export function planOf(recipe: Recipe, source: Source): Plan {
  const cropped = croppedArea(recipe, source)
  const { picture, box } = fitted(recipe, cropped, source.isDrawing)
  const isCut = isCover(recipe) && !isSmart(recipe)
  const area = isCut ? seenArea(cropped, picture, placeOf(recipe)) : cropped
  return {
    ...scaling(area, picture, { source, cutsFirst: isSmart(recipe) }),
    canvas: box && margins(picture, box, placeOf(recipe)),
    output: turned(recipe, box ?? picture),
  }
}

/** The size of what a recipe makes; null where that depends on a size that is not known. */
export function outputSize(recipe: Recipe, source: Size | null, isDrawing: boolean): Size | null {
  if (source) return planOf(recipe, { ...source, isDrawing }).output
  const { width, height, fit = 'COVER' } = recipe
  if (width === undefined || height === undefined) return null
  const isExact = isDrawing || recipe.enlarge === true
  return fit === 'CONTAIN' || (isExact && (fit === 'COVER' || fit === 'FILL')) ? { width, height } : null
}

/** Whether what is in the picture says what stays in view. */
export const isSmart = ({ gravity }: Recipe): boolean => gravity === 'ATTENTION' || gravity === 'ENTROPY'

/** Whether a box is filled, and what does not fit is cut off. */
const isCover = ({ width, height, fit }: Recipe): boolean =>
  width !== undefined && height !== undefined && fit === undefined

const placeOf = ({ focalPoint, gravity = 'CENTER' }: Recipe) => focalPoint ?? PLACES[gravity] ?? MIDDLE

const isOnItsSide = ({ rotate }: Recipe): boolean => rotate === 90 || rotate === 270

function turned<T extends Partial<Size>>(recipe: Recipe, { width, height }: T) {
  return (isOnItsSide(recipe) ? { width: height, height: width } : { width, height }) as Pick<T, keyof Size>
}

const clamped = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most))
const pixels = (length: number) => Math.max(1, Math.round(length))

function croppedArea({ crop }: Recipe, { width, height }: Size): Area {
  if (!crop) return { left: 0, top: 0, width, height }
  const left = clamped(Math.round(crop.x * width), 0, width - 1)
  const top = clamped(Math.round(crop.y * height), 0, height - 1)
  return {
    left,
    top,
    width: clamped(Math.round(crop.width * width), 1, width - left),
    height: clamped(Math.round(crop.height * height), 1, height - top),
  }
}

/** How large the picture becomes, before it is turned; and the box around it, where that is larger. */
function fitted(recipe: Recipe, from: Size, isDrawing: boolean): { picture: Size; box: Size | null } {
  const mayGrow = isDrawing || recipe.enlarge === true
  const { width, height } = turned(recipe, { width: recipe.width, height: recipe.height })
  const across = width === undefined ? null : width / from.width
  const down = height === undefined ? null : height / from.height
  const by = (scale: number): Size => {
    const most = Math.min(mayGrow ? Infinity : 1, LONGEST_SIDE / from.width, LONGEST_SIDE / from.height)
    const used = Math.min(scale, most)
    return { width: pixels(from.width * used), height: pixels(from.height * used) }
  }
  if (across === null || down === null || width === undefined || height === undefined)
    return { picture: by(across ?? down ?? 1), box: null }

  switch (recipe.fit) {
    case 'INSIDE':
      return { picture: by(Math.min(across, down)), box: null }
    case 'OUTSIDE':
      return { picture: by(Math.max(across, down)), box: null }
    case 'CONTAIN':
      return { picture: by(Math.min(across, down)), box: { width, height } }
    case 'FILL': {
      const picture = mayGrow
        ? { width, height }
        : { width: Math.min(width, from.width), height: Math.min(height, from.height) }
      return { picture, box: null }
    }
    default: {
      // The box keeps its shape where the picture is too small to fill it.
      const scale = mayGrow ? 1 : Math.min(1, 1 / across, 1 / down)
      return { picture: { width: pixels(width * scale), height: pixels(height * scale) }, box: null }
    }
  }
}

/** The part of an area that has the shape of the picture, as near to the place as it can be; not whole pixels. */
function seenArea(area: Area, picture: Size, place: { x: number; y: number }): Area {
  const shape = picture.width / picture.height
  const width = Math.min(area.width, area.height * shape)
  const height = Math.min(area.height, area.width / shape)
  return {
    left: area.left + clamped(area.width * place.x - width / 2, 0, area.width - width),
    top: area.top + clamped(area.height * place.y - height / 2, 0, area.height - height),
    width,
    height,
  }
}

function margins(picture: Size, box: Size, place: { x: number; y: number }): Margins {
  const left = Math.round((box.width - picture.width) * place.x)
  const top = Math.round((box.height - picture.height) * place.y)
  return {
    left,
    top,
    right: box.width - picture.width - left,
    bottom: box.height - picture.height - top,
  }
}

type Scaling = Pick<Plan, 'drawn' | 'region' | 'scaled' | 'window'>

/** An area of the source becomes a picture: by cutting after scaling, or, where much would be scaled for nothing, before it. */
function scaling(
  area: Area,
  picture: Size,
  { source, cutsFirst }: { source: Source; cutsFirst: boolean },
): Scaling {
  const drawn = null
  const isAll = area.width >= source.width && area.height >= source.height
  const across = picture.width / area.width
  const down = picture.height / area.height
  if (source.isDrawing) {
    const most = mostDrawn(source, isAll ? LONGEST_SIDE ** 2 : MOST_DRAWN)
    if (Math.max(across, down) > most) return drawnFirst(area, picture, { source, by: most })
  }
  if (isAll) return { drawn, region: null, scaled: picture, window: null }
  const isMost = source.width * source.height <= SPARE * area.width * area.height
  if (cutsFirst || (!source.isDrawing && !isMost))
    return { drawn, region: wholePixels(area, source), scaled: picture, window: null }

  const scaled = {
    width: Math.max(picture.width, pixels(source.width * across)),
    height: Math.max(picture.height, pixels(source.height * down)),
  }
  const window = {
    ...picture,
    left: clamped(Math.round(area.left * across), 0, scaled.width - picture.width),
    top: clamped(Math.round(area.top * down), 0, scaled.height - picture.height),
  }
  return { drawn, region: null, scaled, window }
}

/** How many times its size a drawing is drawn at most. One that is stretched is drawn as large as its longer stretch wants it, both ways, and then pressed. */
const mostDrawn = ({ width, height }: Size, mostPixels: number): number =>
  Math.min(LONGEST_DRAWN / Math.max(width, height), Math.sqrt(mostPixels / (width * height)))

/** A drawing as large as it may be, of which the area is taken and scaled as that of any picture. */
function drawnFirst(area: Area, picture: Size, { source, by }: { source: Size; by: number }): Scaling {
  const drawn = { width: pixels(source.width * by), height: pixels(source.height * by) }
  return { drawn, region: wholePixels(times(area, by), drawn), scaled: picture, window: null }
}

const times = ({ left, top, width, height }: Area, factor: number): Area => ({
  left: left * factor,
  top: top * factor,
  width: width * factor,
  height: height * factor,
})

function wholePixels(area: Area, { width, height }: Size): Area {
  const left = clamped(Math.round(area.left), 0, width - 1)
  const top = clamped(Math.round(area.top), 0, height - 1)
  return {
    left,
    top,
    width: clamped(Math.round(area.width), 1, width - left),
    height: clamped(Math.round(area.height), 1, height - top),
  }
}
