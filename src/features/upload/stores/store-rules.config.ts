import type { ConfigTable, Parsed } from '../../../platform/config.ts'
import { DEFAULT_STORE, STORE_NAME } from '../../../platform/storage/stores.ts'
import { MediaKind } from '../../media/media-kind.ts'

/** Sends uploads that meet all its conditions to a store. */
export interface StoreRule {
  readonly accountId?: string
  readonly kind?: MediaKind
  readonly storeId: string
}

const PART = /^(?:(?<name>account):(?<accountId>[\w-]{1,64})|kind:(?<kind>[A-Z]+))$/

function ruleOf(text: string): StoreRule | null {
  const [, conditions = '', storeId = ''] = /^(.+)=([a-z0-9-]+)$/.exec(text) ?? []
  const rule: { accountId?: string; kind?: MediaKind; storeId: string } = { storeId }
  for (const condition of conditions.split('+')) {
    const { accountId, kind } = PART.exec(condition)?.groups ?? {}
    if (accountId !== undefined && rule.accountId === undefined) rule.accountId = accountId
    else if (kind !== undefined && Object.hasOwn(MediaKind, kind) && rule.kind === undefined)
      rule.kind = kind as MediaKind
    else return null
  }
  return rule
}

function storeRules(input: string): Parsed<readonly StoreRule[]> {
  const rules = input.split(/\s+/).map(ruleOf)
  if (rules.every(rule => rule !== null)) return { value: rules }
  return {
    allowed: `rules parted by blanks, such as account:acme=archive, kind:VIDEO=big or account:acme+kind:VIDEO=big; kinds are ${Object.keys(MediaKind).join(', ')}`,
  }
}

function storeNames(input: string): Parsed<readonly string[]> {
  const names = input.split(/[\s,]+/).filter(Boolean)
  return names.every(name => STORE_NAME.test(name))
    ? { value: names }
    : { allowed: 'names of stores, parted by blanks' }
}

export const storeRulesConfig = {
  STORE_RULES: {
    default: [] as readonly StoreRule[],
    defaultText: 'all uploads go to `default`',
    about:
      'Which uploads go to which store, as rules parted by blanks, of which the first that fits decides: `account:ID=STORE`, `kind:VIDEO=STORE`, `account:ID+kind:VIDEO=STORE`. The kind is that of the type which the upload declares.',
    parse: storeRules,
  },
  STORES_OFFERED: {
    default: [] as readonly string[],
    defaultText: 'none',
    about: 'Stores that an upload may choose itself, by `storeId`, whatever the rules say.',
    parse: storeNames,
  },
} satisfies ConfigTable

export interface StoreRuleSettings {
  readonly STORES: Readonly<Record<string, string>>
  readonly STORE_RULES: readonly StoreRule[]
  readonly STORES_OFFERED: readonly string[]
}

/** Names of stores that there are not, in the form of other problems of the configuration. */
export function storeRuleProblems({ STORES, STORE_RULES, STORES_OFFERED }: StoreRuleSettings): string[] {
  const known = [DEFAULT_STORE, ...Object.keys(STORES)]
  const named = [
    ...STORE_RULES.map(({ storeId }) => ['STORE_RULES', storeId] as const),
    ...STORES_OFFERED.map(storeId => ['STORES_OFFERED', storeId] as const),
  ]
  return named
    .filter(([, storeId]) => !known.includes(storeId))
    .map(
      ([variable, storeId]) =>
        `${variable} names the store "${storeId}", and there is none; there are: ${known.join(', ')}`,
    )
}
