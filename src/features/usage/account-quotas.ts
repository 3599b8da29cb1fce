import type { Sql } from '../../platform/db/database.ts'
import { figuresOf, type ItemCount, type Quotas, type Shortage } from '../blobs/quotas.ts'
import { quotaExceeded } from './usage.errors.ts'

/** What accounts may have: bytes as they are held for blobs, and media. */
export class AccountQuotas implements Quotas {
  constructor(
    private readonly deps: {
      readonly defaults: Quotas['defaults']
      readonly onRefused: (quota: Shortage['quota']) => void
    },
  ) {}

  get defaults(): Quotas['defaults'] {
    return this.deps.defaults
  }

  exceeded(shortage: Shortage): Error {
    this.deps.onRefused(shortage.quota)
    return quotaExceeded(shortage)
  }

  /** Throws QUOTA_EXCEEDED where an account that has so many media, and may have so many, gets another one. */
  demandItem({ used, limit }: ItemCount): void {
    if (limit !== null && used >= limit)
      throw this.exceeded({ quota: 'ITEMS', limit, used, reserved: 0, requested: 1 })
  }

  /** Rejects with QUOTA_EXCEEDED where a media that this transaction has made is one too many: its account is locked by then. */
  async checkItem(sql: Sql, accountId: string): Promise<void> {
    const figures = await figuresOf(sql, accountId, this.defaults)
    if (figures) this.demandItem({ ...figures.items, used: figures.items.used - 1 })
  }

  /** Rejects with QUOTA_EXCEEDED for what would be refused as things stand; nothing is held for it. */
  async foresee(sql: Sql, accountId: string, wanted: { bytes: number; isNewItem: boolean }): Promise<void> {
    const figures = await figuresOf(sql, accountId, this.defaults)
    if (!figures) return
    if (wanted.isNewItem) this.demandItem(figures.items)
    const { used, reserved, limit } = figures.bytes
    if (limit !== null && wanted.bytes > 0 && used + reserved + wanted.bytes > limit)
      throw this.exceeded({ quota: 'BYTES', limit, used, reserved, requested: wanted.bytes })
  }
}
