import type { DeliverableContent } from '../../delivery/deliverable.ts'
import type { Rendition } from '../../delivery/delivery.service.ts'
import type { Presets } from '../presets/presets.ts'
import { printRecipe, type Recipe } from '../recipe/recipe.ts'
import { transformErrors } from '../transform.errors.ts'
import { mimeTypeOf, negotiated, pictureName } from '../variants/picture-format.ts'
import { EDITION, type Variants } from '../variants/variants.ts'

/** Pictures whose sides are at most so long are no download of the content: lists are full of them. */
const LONGEST_FREE = 512

export interface AskedPicture {
  readonly recipe: Recipe
  /** Whether a signature of ours covers it; without one, presets alone are made. */
  readonly isSigned: boolean
  readonly accept: string | undefined
  /** Aborted when the client has left. */
  readonly signal: AbortSignal
}

/** A picture made of a content, in the content's place. */
export class PictureRendition implements Rendition {
  constructor(
    private readonly deps: { readonly presets: Presets; readonly variants: Pick<Variants, 'get'> },
    private readonly asked: AskedPicture,
  ) {}

  /** Throws PRESET_REQUIRED. */
  named(content: DeliverableContent) {
    const { recipe, isSigned } = this.asked
    const { presets } = this.deps
    presets.demand(content.accountId, recipe)
    if (!isSigned && !presets.includes(content.accountId, recipe)) {
      throw transformErrors.PRESET_REQUIRED(
        'Without a signature pictures are made by preset. Ask Media.image for the URL of this one.',
      )
    }
    const made = this.#recipeFor(content)
    return {
      etag: `${content.sha256}.${printRecipe(made)}.${EDITION.number}`,
      mimeType: mimeTypeOf(made.format),
      fileName: pictureName(content.fileName, made.format),
      isNegotiated: recipe.format === 'AUTO',
    }
  }

  async made(content: DeliverableContent) {
    const { storeId, key, size, width, height, bytes } = await this.deps.variants.get(
      content,
      this.#recipeFor(content),
      this.asked.signal,
    )
    return { storeId, key, size, bytes, isFree: Math.max(width, height) <= LONGEST_FREE }
  }

  #recipeFor({ mimeType }: DeliverableContent): Recipe {
    return negotiated(this.asked.recipe, mimeType, this.asked.accept)
  }
}
