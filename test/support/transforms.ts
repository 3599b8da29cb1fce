import fc from 'fast-check'
import sharp from 'sharp'
import { MOST_MADE } from '../../src/features/transform/recipe/limits.ts'
import { OPERATIONS, type OperationName } from '../../src/features/transform/recipe/operations.ts'
import type { TransformInput } from '../../src/features/transform/recipe/recipe.ts'
import type { Fixture } from './fixtures.ts'

export interface SomeTransforms {
  /** Longest side that is asked for. */
  readonly longest: number
}

const part = fc.integer({ min: 0, max: 100 }).map(hundredth => hundredth / 100)
const within = fc
  .record({
    x: fc.integer({ min: 0, max: 90 }),
    y: fc.integer({ min: 0, max: 90 }),
    width: part,
    height: part,
  })
  .map(({ x, y, width, height }) => ({
    x: x / 100,
    y: y / 100,
    width: Math.max(0.01, Math.round(width * (100 - x)) / 100),
    height: Math.max(0.01, Math.round(height * (100 - y)) / 100),
  }))

const words = (name: 'fit' | 'gravity' | 'format') =>
  fc.constantFrom(...Object.keys(OPERATIONS[name].value.choices ?? {}))

/** Any arguments that are allowed, each of them often absent. */
export const transforms = ({ longest }: SomeTransforms): fc.Arbitrary<TransformInput> =>
  fc
    .record(
      {
        width: fc.integer({ min: 1, max: longest }),
        height: fc.integer({ min: 1, max: longest }),
        fit: words('fit'),
        crop: within,
        focalPoint: fc.record({ x: part, y: part }),
        gravity: words('gravity'),
        enlarge: fc.boolean(),
        flip: fc.boolean(),
        flop: fc.boolean(),
        rotate: fc.constantFrom(0, 90, 180, 270),
        grayscale: fc.boolean(),
        blur: fc.integer({ min: 3, max: 50 }).map(tenth => tenth / 10),
        sharpen: fc.integer({ min: 3, max: 50 }).map(tenth => tenth / 10),
        background: fc.constantFrom('#fff', '#102030', 'AABBCC'),
        format: words('format'),
        quality: fc.integer({ min: 1, max: 100 }),
      } satisfies Record<OperationName, fc.Arbitrary<unknown>>,
      { requiredKeys: [] },
    )
    .map(({ focalPoint, gravity, ...rest }) => ({
      ...rest,
      ...(gravity === undefined ? { focalPoint } : { gravity }),
    }))

/** The same arguments said in another way: in another order, with null for what is absent, and with defaults spelled out. */
export function saidOtherwise(input: TransformInput): TransformInput {
  const entries = Object.entries(input).reverse()
  return {
    dpr: 1,
    rotate: 0,
    flip: false,
    blur: null,
    fit: 'COVER',
    format: 'AUTO',
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
  }
}

const ANIMATED = { files: ['image/gif', 'image/webp'], formats: ['GIF', 'WEBP'] }

/** So many pixels of an animation may take more memory or time than there is, depending on what is done with them. */
const HEAVY = MOST_MADE / 4

/** What becomes of an animation of that size: it is made, it may be refused for what it takes, or it is refused unseen. Still pictures are made. */
export async function fateOf({ image, format, size }: Asked): Promise<'made' | 'perhaps' | 'refused'> {
  if (!ANIMATED.files.includes(image.mimeType ?? '') || !ANIMATED.formats.includes(format)) return 'made'
  const { pages = 1 } = await sharp(image.bytes()).metadata()
  const pixels = pages * (size?.width ?? 0) * (size?.height ?? 0)
  if (pixels > MOST_MADE) return 'refused'
  return pixels > HEAVY ? 'perhaps' : 'made'
}

interface Asked {
  readonly image: Pick<Fixture, 'mimeType' | 'bytes'>
  readonly format: string
  /** What it would have; null where nobody knows ahead. */
  readonly size: { readonly width: number | null; readonly height: number | null } | null
}
