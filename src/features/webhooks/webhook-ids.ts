import { isUuid } from '../../platform/lib/uuid7.ts'

export const WEBHOOK_PREFIX = 'whk_'
export const DELIVERY_PREFIX = 'dlv_'

/** The UUIDs within those ids that have the prefix; others name nothing. */
export const uuidsOf = (prefix: string, ids: readonly string[]): string[] =>
  ids
    .filter(id => id.startsWith(prefix))
    .map(id => id.slice(prefix.length))
    .filter(isUuid)
