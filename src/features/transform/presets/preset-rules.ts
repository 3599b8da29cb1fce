import type { Parsed } from '../../../platform/config.ts'
import { AppError } from '../../../platform/errors.ts'
import { parseRecipe, type Recipe } from '../recipe/recipe.ts'

/** A name for a recipe, for one account or for all. */
export interface PresetRule {
  readonly accountId?: string
  readonly name: string
  readonly recipe: Recipe
}

export type PresetsOnly = 'none' | 'all' | ReadonlySet<string>

const RULE = /^(?:account:(?<accountId>[\w-]{1,64})\+)?(?<name>[a-z][a-z0-9_]{0,39})=(?<recipe>\S+)$/
const ALLOWED =
  'presets parted by blanks, such as card=w600-h400-webp or account:acme+hero=w1600-auto; names are of a-z, 0-9 and _'

export function presetRules(input: string): Parsed<readonly PresetRule[]> {
  const rules: PresetRule[] = []
  for (const text of input.split(/\s+/)) {
    const { accountId, name, recipe } = RULE.exec(text)?.groups ?? {}
    if (name === undefined || recipe === undefined) return { allowed: ALLOWED }
    const parsed = recipeIn(recipe)
    if (typeof parsed === 'string') return { allowed: `${ALLOWED}. In ${JSON.stringify(text)}: ${parsed}` }
    rules.push({ ...(accountId === undefined ? {} : { accountId }), name, recipe: parsed })
  }
  return { value: rules }
}

function recipeIn(text: string): Recipe | string {
  try {
    return parseRecipe(text)
  } catch (error) {
    if (error instanceof AppError) return error.publicMessage
    throw error
  }
}

export function presetsOnly(input: string): Parsed<PresetsOnly> {
  if (input === 'none' || input === 'all') return { value: input }
  const accounts = input.split(',').map(part => part.trim())
  return accounts.every(id => /^[\w-]{1,64}$/.test(id))
    ? { value: new Set(accounts) }
    : { allowed: 'none, all, or ids of accounts parted by commas' }
}
