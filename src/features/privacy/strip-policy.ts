/** Whose public content is served without where and with what it was made: the accounts that are named, and all others alike. */
export interface StripPolicy {
  readonly accounts: ReadonlyMap<string, boolean>
  readonly others: boolean
}

export const STRIPS_NOTHING: StripPolicy = { accounts: new Map(), others: false }

export const strips = ({ accounts, others }: StripPolicy, accountId: string): boolean =>
  accounts.get(accountId) ?? others
