import '../support/properties.ts'
import fc from 'fast-check'
import { outputSize } from '../../src/features/transform/recipe/geometry.ts'
import { recipeOf } from '../../src/features/transform/recipe/recipe.ts'
import { isPictureItself } from '../../src/features/transform/variants/variant-source.ts'
import { countOf } from '../support/counts.ts'
import { fixtures } from '../support/fixtures.ts'
import { openRenderer, picture, rendered } from '../support/rendered.ts'
import { fateOf, transforms } from '../support/transforms.ts'

const renderer = openRenderer()

const FORMATS: Readonly<Record<string, string>> = {
  JPEG: 'jpeg',
  PNG: 'png',
  WEBP: 'webp',
  AVIF: 'heif',
  GIF: 'gif',
}
const images = fixtures.good.filter(({ mimeType }) => isPictureItself(mimeType ?? ''))

test('any transform of any image gives the announced size and format', async () => {
  const samples = fc.record({
    image: fc.constantFrom(...images),
    input: transforms({ longest: countOf({ daily: 500, thorough: 2_000 }) }),
    format: fc.constantFrom(...Object.keys(FORMATS)),
  })
  await fc.assert(
    fc.asyncProperty(samples, async ({ image, input, format }) => {
      const asked = { ...input, format }
      const { displayWidth: width = 123, displayHeight: height = 456, mimeType } = image
      const expected = outputSize(recipeOf(asked), { width, height }, mimeType === 'image/svg+xml')
      const fate = await fateOf({ image, format, size: expected })
      const made = await rendered(picture(image.file), asked, renderer).catch(error => ({ error }))
      if ('error' in made) {
        const reason = fate === 'refused' ? /so many frames/ : /too much memory|too long|too large/
        expect([made.error.status, made.error.publicMessage]).toEqual([422, expect.stringMatching(reason)])
        expect(fate).not.toBe('made')
        return
      }
      expect(fate).not.toBe('refused')
      const { size, metadata } = made
      expect(size).toEqual(expected)
      expect(metadata).toMatchObject({ format: FORMATS[format], ...expected })
    }),
    // A smaller example of what takes seconds would be looked for for hours.
    { numRuns: countOf({ daily: 30, thorough: 2_000 }), endOnFailure: true },
  )
}, 3_600_000)
