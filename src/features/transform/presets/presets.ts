import { parseRecipe, printRecipe, type Recipe } from '../recipe/recipe.ts'
import { transformErrors } from '../transform.errors.ts'
import type { PresetRule, PresetsOnly } from './preset-rules.ts'

/** What `Media.thumbnailUrl` shows. */
export const THUMBNAIL = 'thumbnail'
const BUILT_IN: PresetRule = { name: THUMBNAIL, recipe: parseRecipe('w400-h400-finside-webp') }

/** The named recipes of each account, and who may have others. */
export class Presets {
  readonly #rules: readonly PresetRule[]
  readonly #only: PresetsOnly

  constructor({ rules, only }: { readonly rules: readonly PresetRule[]; readonly only: PresetsOnly }) {
    const own = rules.filter(({ accountId }) => accountId !== undefined)
    this.#rules = [BUILT_IN, ...rules.filter(rule => !own.includes(rule)), ...own]
    this.#only = only
  }

  /** The recipe of that name; throws INVALID_TRANSFORM, which names those that there are. */
  named(accountId: string, name: string): Recipe {
    const presets = this.#of(accountId)
    const recipe = presets.get(name)
    if (recipe) return recipe
    throw transformErrors.INVALID_TRANSFORM(
      `There is no preset of this name. There are: ${[...presets.keys()].join(', ')}.`,
      { field: ['preset'] },
    )
  }

  /** Whether the recipe is one of the account's presets. */
  includes(accountId: string, recipe: Recipe): boolean {
    const text = printRecipe(recipe)
    return [...this.#of(accountId).values()].some(preset => printRecipe(preset) === text)
  }

  /** Lets pass what the account may have; throws PRESET_REQUIRED, which names what there is instead. */
  demand(accountId: string, recipe: Recipe): void {
    const isFree = this.#only === 'none' || (this.#only !== 'all' && !this.#only.has(accountId))
    if (isFree || this.includes(accountId, recipe)) return
    const names = [...this.#of(accountId).keys()].join(', ')
    throw transformErrors.PRESET_REQUIRED(`Pictures of this account are made by preset: ${names}.`)
  }

  /** Of the same name the last rule counts: the account's own. */
  #of(accountId: string): ReadonlyMap<string, Recipe> {
    const rules = this.#rules.filter(rule => rule.accountId === undefined || rule.accountId === accountId)
    return new Map(rules.map(({ name, recipe }) => [name, recipe]))
  }
}
