import { negotiated } from '../../src/features/transform/variants/picture-format.ts'
import { EDITION } from '../../src/features/transform/variants/variants.ts'
import { projectFile } from '../support/project-file.ts'
import '../support/properties.ts'
import fc from 'fast-check'
import { outputSize, planOf, type Size } from '../../src/features/transform/recipe/geometry.ts'
import {
  OPERATIONS,
  type Operation,
  type OperationName,
} from '../../src/features/transform/recipe/operations.ts'
import {
  inFormat,
  parseRecipe,
  printRecipe,
  recipeOf,
  type TransformInput,
} from '../../src/features/transform/recipe/recipe.ts'
import { AppError } from '../../src/platform/errors.ts'
import { saidOtherwise, transforms } from '../support/transforms.ts'

const text = (input: TransformInput) => printRecipe(recipeOf(input))
const refusal = (work: () => unknown) => {
  try {
    return work()
  } catch (error) {
    return error instanceof AppError ? [error.status, error.code, error.field] : error
  }
}

describe('a recipe', () => {
  test.each<[TransformInput, string]>([
    [{}, 'auto'],
    [{ width: 400, height: 300, fit: 'COVER', format: 'WEBP', quality: 80 }, 'w400-h300-webp'],
    [{ width: 400, height: 300, fit: 'INSIDE', format: 'JPEG', quality: 70 }, 'w400-h300-finside-jpeg-q70'],
    [{ width: 200, dpr: 2 }, 'w400-auto'],
    [{ width: 400, fit: 'FILL', gravity: 'NORTH' }, 'w400-auto'],
    [{ width: 9, height: 9, focalPoint: { x: 0.25, y: 0.5 } }, 'w9-h9-p0.25_0.5-auto'],
    [
      { width: 9, height: 9, fit: 'CONTAIN', gravity: 'NORTH_EAST', background: '#FFF' },
      'w9-h9-fcontain-gnortheast-bgffffff-auto',
    ],
    [{ background: 'fff', format: 'JPEG' }, 'jpeg'],
    [{ quality: 60, format: 'PNG' }, 'png'],
    [
      { crop: { x: 0.1, y: 0.2, width: 0.9, height: 0.5 }, rotate: 90, flip: true },
      'c0.1_0.2_0.9_0.5-flip-r90-auto',
    ],
    [
      { blur: 1.5, sharpen: 2, grayscale: true, flop: true, enlarge: true },
      'enlarge-flop-gray-blur1.5-sharp2-auto',
    ],
  ])('of %j is %s', (input, expected) => {
    expect(text(input)).toBe(expected)
    expect(printRecipe(parseRecipe(expected))).toBe(expected)
  })

  test('is the same for the same arguments in another order, with nulls and defaults spelled out', () => {
    fc.assert(
      fc.property(transforms({ longest: 4096 }), input => {
        expect(text(saidOtherwise(input))).toBe(text(input))
      }),
    )
  })

  test('is read back from its text, which is safe in a URL, in every format', () => {
    fc.assert(
      fc.property(transforms({ longest: 4096 }), input => {
        const recipe = recipeOf(input)
        expect(text(input)).toMatch(/^[a-z0-9._-]{1,200}$/)
        expect(parseRecipe(text(input))).toEqual(recipe)
        const webp = inFormat(recipe, 'WEBP')
        expect(parseRecipe(printRecipe(webp))).toEqual(webp)
      }),
    )
  })

  test('has parts that belong to one operation each', () => {
    const names = Object.keys(OPERATIONS) as OperationName[]
    for (const name of names) {
      const { value, sample: one } = OPERATIONS[name] as Operation
      const samples = value.choices ? Object.keys(value.choices) : [one]
      for (const sample of samples) {
        const part = value.print(sample)
        expect(names.filter(other => OPERATIONS[other].value.parse(part) !== undefined)).toEqual([name])
      }
    }
  })
})

describe('what is not allowed is refused, with the field at fault', () => {
  test.each<[TransformInput, string]>([
    [{ width: 0 }, 'width'],
    [{ width: 4097 }, 'width'],
    [{ width: 1.5 }, 'width'],
    [{ width: Number.NaN }, 'width'],
    [{ height: -3 }, 'height'],
    [{ width: 2049, dpr: 2 }, 'dpr'],
    [{ dpr: 0 }, 'dpr'],
    [{ dpr: 9 }, 'dpr'],
    [{ fit: 'cover' }, 'fit'],
    [{ format: 'SVG' }, 'format'],
    [{ quality: 101 }, 'quality'],
    [{ quality: 0 }, 'quality'],
    [{ blur: 1000 }, 'blur'],
    [{ blur: 0 }, 'blur'],
    [{ sharpen: 11 }, 'sharpen'],
    [{ rotate: 45 }, 'rotate'],
    [{ background: 'red; }' }, 'background'],
    [{ background: '#ffff' }, 'background'],
    [{ focalPoint: { x: 1.1, y: 0 } }, 'focalPoint'],
    [{ focalPoint: { x: 0.1, y: 0 }, gravity: 'NORTH' }, 'focalPoint'],
    [{ crop: { x: 0.5, y: 0, width: 0.6, height: 1 } }, 'crop'],
    [{ crop: { x: 0, y: 0, width: 0, height: 1 } }, 'crop'],
  ])('%j', (input, field) => {
    expect(refusal(() => recipeOf(input))).toEqual([400, 'INVALID_TRANSFORM', ['transform', field]])
  })

  test.each([
    '',
    'w400',
    'webp-w400',
    'w400-w500-webp',
    'w0400-webp',
    'w+400-webp',
    'W400-webp',
    'w400-fcover-webp',
    'w400-webp-q80',
    'w400-png-q50',
    'w4097-webp',
    'w400-webp-',
    '-webp',
    'w400--webp',
    'w1e2-webp',
    'p0.50_0.5-webp',
    'w9-h9-p.5_0.1-webp',
    'r0-webp',
    'dpr2-w9-webp',
    'preview',
    'original',
    '../../etc/passwd',
    'w400%2dwebp',
    'w400-webp\0',
  ])('the text %j', given => {
    expect(refusal(() => parseRecipe(given))).toEqual([400, 'INVALID_TRANSFORM', undefined])
  })

  test('texts without end', () => {
    for (const given of ['a'.repeat(100_000), 'w1-'.repeat(30_000), '-'.repeat(100_000)])
      expect(refusal(() => parseRecipe(given))).toEqual([400, 'INVALID_TRANSFORM', undefined])
  })
})

describe('the size of what is made', () => {
  const photo = { width: 1800, height: 1200 }
  test.each<[TransformInput, { width: number; height: number }]>([
    [{}, photo],
    [{ width: 400 }, { width: 400, height: 267 }],
    [{ height: 300 }, { width: 450, height: 300 }],
    [{ width: 4000 }, photo],
    [
      { width: 3600, enlarge: true },
      { width: 3600, height: 2400 },
    ],
    [
      { width: 400, height: 400 },
      { width: 400, height: 400 },
    ],
    [
      { width: 2400, height: 2400 },
      { width: 1200, height: 1200 },
    ],
    [
      { width: 2400, height: 2400, enlarge: true },
      { width: 2400, height: 2400 },
    ],
    [
      { width: 400, height: 400, fit: 'INSIDE' },
      { width: 400, height: 267 },
    ],
    [
      { width: 400, height: 400, fit: 'OUTSIDE' },
      { width: 600, height: 400 },
    ],
    [
      { width: 400, height: 400, fit: 'CONTAIN' },
      { width: 400, height: 400 },
    ],
    [
      { width: 400, height: 400, fit: 'FILL' },
      { width: 400, height: 400 },
    ],
    [
      { width: 2000, height: 400, fit: 'FILL' },
      { width: 1800, height: 400 },
    ],
    [{ rotate: 90 }, { width: 1200, height: 1800 }],
    [
      { width: 400, rotate: 90 },
      { width: 400, height: 600 },
    ],
    [
      { width: 400, height: 300, rotate: 270, fit: 'CONTAIN' },
      { width: 400, height: 300 },
    ],
    [{ crop: { x: 0.5, y: 0.5, width: 0.5, height: 0.5 } }, { width: 900, height: 600 }],
  ])('of 1800 × 1200 by %j', (input, expected) => {
    expect(outputSize(recipeOf(input), photo, false)).toEqual(expected)
  })

  test('lies within the bounds, and all parts of a plan lie within each other, for pictures of every shape', () => {
    const side = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 60_000 }))
    const sources = fc.record({ width: side, height: side, isDrawing: fc.boolean() })
    const lies = (
      area: { left: number; top: number; width: number; height: number },
      within: typeof area,
    ) => {
      expect(area.left).toBeGreaterThanOrEqual(0)
      expect(area.top).toBeGreaterThanOrEqual(0)
      expect(area.width).toBeGreaterThanOrEqual(1)
      expect(area.height).toBeGreaterThanOrEqual(1)
      expect(area.left + area.width).toBeLessThanOrEqual(within.width)
      expect(area.top + area.height).toBeLessThanOrEqual(within.height)
    }
    // A drawing that is stretched is drawn as large both ways as its longer stretch wants it.
    const isDrawnWithinBounds = (source: Size, drawn: Size) => {
      // Of a few pixels, one more or less is much.
      if (Math.min(drawn.width, drawn.height) < 50) return
      const by = Math.max(drawn.width / source.width, drawn.height / source.height)
      expect(by * Math.max(source.width, source.height)).toBeLessThanOrEqual(16_384 * 1.02)
      expect(by * source.width * by * source.height).toBeLessThanOrEqual(4096 ** 2 * 1.04)
    }
    fc.assert(
      fc.property(transforms({ longest: 4096 }), sources, (input, source) => {
        const recipe = recipeOf(input)
        const { drawn, region, scaled, window, canvas, output } = planOf(recipe, source)
        const all = (size: { width: number; height: number }) => ({ left: 0, top: 0, ...size })
        if (source.isDrawing) isDrawnWithinBounds(source, drawn ?? scaled)
        if (region) lies(region, all(drawn ?? source))
        if (window) lies(window, all(scaled))
        lies(all(output), all({ width: 4096, height: 4096 }))
        const { width, height } = window ?? scaled
        const { left, top, right, bottom } = canvas ?? { left: 0, top: 0, right: 0, bottom: 0 }
        expect(Math.min(left, top, right, bottom)).toBeGreaterThanOrEqual(0)
        const sides = [width + left + right, height + top + bottom]
        const isTurned = recipe.rotate === 90 || recipe.rotate === 270
        expect([output.width, output.height]).toEqual(isTurned ? sides.reverse() : sides)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('another version of the library that draws is another edition of all pictures', async () => {
  const { dependencies } = JSON.parse(await projectFile('package.json'))
  expect(EDITION.sharp).toBe(dependencies.sharp)
})

test.each(['image/webp', 'text/html, IMAGE/WEBP;q=0.9', 'Image/WebP'])(
  'AUTO is WebP for who accepts %s',
  accept => {
    expect(negotiated(recipeOf({}), 'image/png', accept).format).toBe('WEBP')
  },
)
