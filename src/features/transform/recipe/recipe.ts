import { transformErrors } from '../transform.errors.ts'
import { DEFAULT_QUALITY, LONGEST_SIDE } from './limits.ts'
import { DPR, OPERATIONS, type OperationName, type Settings } from './operations.ts'

/** What is asked for of a picture, as users say it; absent and null are the same. */
export type TransformInput = { readonly [Name in OperationName | 'dpr']?: unknown }

/** What is made of a picture, in one form: two that mean the same are equal. */
export interface Recipe extends Settings {
  readonly format: NonNullable<Settings['format']>
}

const NAMES = Object.keys(OPERATIONS) as OperationName[]

const SMART = new Set(['ATTENTION', 'ENTROPY'])

/** The recipe of what was asked for. Throws INVALID_TRANSFORM, whose field begins with `path`. */
export function recipeOf(input: TransformInput, path: readonly string[] = ['transform']): Recipe {
  const given: Record<string, unknown> = {}
  for (const name of NAMES) {
    const asked = input[name]
    if (asked === undefined || asked === null || asked === false) continue
    given[name] = accepted(name, asked, path)
  }
  const { width, height, ...rest } = given as Settings
  const dpr = isAbsent(input.dpr) ? 1 : accepted('dpr', input.dpr, path)
  return canonical({ ...rest, ...box({ width, height, dpr }, path) }, path)
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null

function accepted(name: OperationName | 'dpr', value: unknown, path: readonly string[]) {
  const kind = name === 'dpr' ? DPR.value : OPERATIONS[name].value
  const kept = kind.accept(value)
  if (kept !== undefined) return kept as never
  throw transformErrors.INVALID_TRANSFORM(`${name} takes ${kind.allowed}.`, { field: [...path, name] })
}

function box(
  { width, height, dpr }: { width?: number; height?: number; dpr: number },
  path: readonly string[],
): Settings {
  const sides = { width: width && Math.round(width * dpr), height: height && Math.round(height * dpr) }
  if ((sides.width ?? 0) > LONGEST_SIDE || (sides.height ?? 0) > LONGEST_SIDE) {
    throw transformErrors.INVALID_TRANSFORM(
      `A picture is at most ${LONGEST_SIDE} pixels wide and high, dpr included.`,
      { field: [...path, 'dpr'] },
    )
  }
  return sides
}

/** Leaves out what changes nothing: defaults, and what has no meaning beside the rest. */
function canonical(given: Settings, path: readonly string[] = []): Recipe {
  if (given.focalPoint && given.gravity) {
    throw transformErrors.INVALID_TRANSFORM('Give a focalPoint or a gravity, not both.', {
      field: [...path, 'focalPoint'],
    })
  }
  const isBox = given.width !== undefined && given.height !== undefined
  const fit = given.fit ?? 'COVER'
  const recipe: { -readonly [Name in OperationName]?: Settings[Name] } = {
    ...given,
    fit: isBox && fit !== 'COVER' ? fit : undefined,
    crop: isWhole(given.crop) ? undefined : given.crop,
    focalPoint: isBox && fit === 'COVER' && !isMiddle(given.focalPoint) ? given.focalPoint : undefined,
    gravity: isBox && placesIn(fit, given.gravity) ? given.gravity : undefined,
    rotate: given.rotate || undefined,
  }
  const { format = 'AUTO' } = recipe
  const present = NAMES.flatMap(name => (recipe[name] === undefined ? [] : [[name, recipe[name]]]))
  return inFormat({ ...Object.fromEntries(present), format }, format)
}

const isWhole = (crop: Settings['crop']): boolean => crop?.width === 1 && crop.height === 1
const isMiddle = (point: Settings['focalPoint']): boolean => point?.x === 0.5 && point.y === 0.5

function placesIn(fit: string, gravity: Settings['gravity']): boolean {
  if (gravity === undefined || gravity === 'CENTER') return false
  return fit === 'COVER' || (fit === 'CONTAIN' && !SMART.has(gravity))
}

/** The recipe with the format that AUTO stands for, and without what that format has no use for. */
export function inFormat(recipe: Recipe, format: Recipe['format']): Recipe {
  const { quality, background, ...rest } = recipe
  const usual = DEFAULT_QUALITY[format as keyof typeof DEFAULT_QUALITY]
  const keepsQuality =
    quality !== undefined && quality !== usual && (format === 'AUTO' || usual !== undefined)
  const keepsBackground = background !== undefined && !(format === 'JPEG' && background === 'ffffff')
  return {
    ...rest,
    ...(keepsBackground ? { background } : {}),
    format,
    ...(keepsQuality ? { quality } : {}),
  }
}

/** The recipe as it stands in URLs and rows, such as `w400-h300-webp`: letters, digits, `.`, `_` and `-`. */
export function printRecipe(recipe: Recipe): string {
  const parts = NAMES.flatMap(name => {
    const { print } = OPERATIONS[name].value as { print(value: unknown): string }
    return recipe[name] === undefined ? [] : [print(recipe[name])]
  })
  return parts.join('-')
}

const LONGEST_TEXT = 200

/** What `printRecipe` gave; throws INVALID_TRANSFORM for every other text, also for another spelling of the same recipe. */
export function parseRecipe(text: string): Recipe {
  const given: Record<string, unknown> = {}
  for (const part of text.length <= LONGEST_TEXT ? text.split('-') : [text]) {
    const name = NAMES.find(candidate => OPERATIONS[candidate].value.parse(part) !== undefined)
    if (!name) throw noRecipe()
    given[name] = OPERATIONS[name].value.parse(part)
  }
  const recipe = canonical(given as Settings)
  if (printRecipe(recipe) !== text) throw noRecipe(printRecipe(recipe))
  return recipe
}

const noRecipe = (meant?: string) =>
  transformErrors.INVALID_TRANSFORM(
    meant === undefined
      ? 'This is no recipe of a picture. Ask Media.image for its URL.'
      : `This recipe has one spelling alone: ${meant}. Ask Media.image for its URL.`,
  )
