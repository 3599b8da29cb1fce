import { mediaErrors } from '../../media/media.errors.ts'
import { kindOf } from '../sniff/kind-of.ts'
import type { StoreRule } from './store-rules.config.ts'

/** What is known of an upload before its first byte. */
export interface Destined {
  readonly accountId: string
  /** The media type that the upload declares. */
  readonly declaredType?: string | null
  /** The store that the upload asks for. */
  readonly storeId?: string | null
}

const UNKNOWN_TYPE = 'application/octet-stream'

/** Decides where new bytes go. Where they lie is written down with them: a rule that changes moves nothing. */
export class StoreChoice {
  constructor(
    private readonly deps: {
      readonly rules: readonly StoreRule[]
      /** What an upload may ask for. */
      readonly offered: readonly string[]
      readonly defaultStore: string
    },
  ) {}

  /** The id of a store. Throws INVALID_INPUT for one that is not offered, whether there is one or not. */
  storeFor({ accountId, declaredType, storeId }: Destined): string {
    const { rules, offered, defaultStore } = this.deps
    if (storeId != null) {
      if (offered.includes(storeId)) return storeId
      throw mediaErrors.INVALID_INPUT(
        offered.length > 0
          ? `storeId names no store that an upload may choose; those are: ${offered.join(', ')}.`
          : 'Uploads choose no store here: leave storeId out.',
        { field: ['input', 'storeId'] },
      )
    }
    const kind = kindOf(declaredType ?? UNKNOWN_TYPE)
    const rule = rules.find(
      each => (each.accountId ?? accountId) === accountId && (each.kind ?? kind) === kind,
    )
    return rule?.storeId ?? defaultStore
  }
}
