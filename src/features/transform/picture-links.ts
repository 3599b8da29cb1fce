import type { Viewer } from '../access/viewer.ts'
import type { MediaUrls, PinnedContent, UrlOptions } from '../delivery/signing/media-urls.ts'
import type { Presets } from './presets/presets.ts'
import { outputSize, type Size } from './recipe/geometry.ts'
import { printRecipe, type Recipe, recipeOf, type TransformInput } from './recipe/recipe.ts'
import { transformErrors } from './transform.errors.ts'
import { isDrawing } from './variants/variant-source.ts'

/** A media of which pictures can be made. */
export type PicturedMedia = PinnedContent & { readonly mimeType: string }

/** A picture that pictures are made from: its size as shown, where that is known. */
export interface Pictured {
  readonly media: PicturedMedia
  readonly size: Size | null
}

export interface Link {
  readonly url: string
  readonly width: number | null
  readonly height: number | null
  readonly format: string | null
}

export interface Candidate {
  readonly url: string
  readonly width: number
}

const MOST_WIDTHS = 20

/** Makes the URLs of pictures, and says how large they will be, without looking at a byte. */
export class PictureLinks {
  constructor(
    private readonly deps: { readonly presets: Presets; readonly urls: Pick<MediaUrls, 'pictureUrl'> },
  ) {}

  /** The recipe that was asked for by its name or by what it does; throws INVALID_TRANSFORM, PRESET_REQUIRED. */
  recipe(
    accountId: string,
    { transform, preset }: { transform?: TransformInput | null; preset?: string | null },
  ): Recipe {
    const { presets } = this.deps
    if (preset != null && transform != null)
      throw transformErrors.INVALID_TRANSFORM('Give a transform or a preset, not both.', {
        field: ['preset'],
      })
    if (preset != null) return presets.named(accountId, preset)
    const recipe = recipeOf(transform ?? {})
    presets.demand(accountId, recipe)
    return recipe
  }

  /** Throws FORBIDDEN for who may not download, BAD_REQUEST for a lifetime that is not allowed. */
  link(viewer: Viewer, { media, size }: Pictured, asked: { recipe: Recipe } & UrlOptions): Link {
    const { recipe, expiresIn, disposition } = asked
    const made = outputSize(recipe, size, isDrawing(media.mimeType))
    const isOpen = this.deps.presets.includes(media.accountId, recipe)
    const text = { recipe: printRecipe(recipe), isOpen }
    return {
      url: this.deps.urls.pictureUrl(viewer, media, { ...text, expiresIn, disposition }),
      width: made?.width ?? null,
      height: made?.height ?? null,
      format: recipe.format === 'AUTO' ? null : recipe.format,
    }
  }

  /** The same picture in several widths, each once, from the narrowest. */
  candidates(
    viewer: Viewer,
    pictured: Pictured,
    asked: { widths: readonly number[]; transform?: TransformInput | null; expiresIn: number },
  ): Candidate[] {
    const { widths, transform, expiresIn } = asked
    if (widths.length < 1 || widths.length > MOST_WIDTHS)
      throw transformErrors.INVALID_TRANSFORM(`widths takes 1 to ${MOST_WIDTHS} widths.`, {
        field: ['widths'],
      })
    const byWidth = new Map<number, Candidate>()
    for (const wanted of widths) {
      const recipe = this.recipe(pictured.media.accountId, { transform: atWidth(transform ?? {}, wanted) })
      const { url, width } = this.link(viewer, pictured, { recipe, expiresIn, disposition: 'inline' })
      const candidate = { url, width: width ?? wanted }
      // Widths that are not reached all give the same picture.
      if (!byWidth.has(candidate.width)) byWidth.set(candidate.width, candidate)
    }
    return [...byWidth.values()].sort((a, b) => a.width - b.width)
  }
}

/** The transform with another width, in the shape that it had. Throws INVALID_TRANSFORM. */
function atWidth(transform: TransformInput, width: number): TransformInput {
  const shape = recipeOf(transform)
  const { dpr, width: _width, height: _height, ...rest } = transform
  if ((shape.width === undefined) !== (shape.height === undefined)) {
    throw transformErrors.INVALID_TRANSFORM(
      'srcset gives the widths: give width and height together, for their shape, or neither.',
      { field: ['transform', shape.width === undefined ? 'height' : 'width'] },
    )
  }
  if (shape.width === undefined || shape.height === undefined) return { ...rest, width }
  return { ...rest, width, height: Math.max(1, Math.round((width * shape.height) / shape.width)) }
}
