import type { Sql } from '../../platform/db/database.ts'
import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import { keepReading } from '../../platform/metrics-reading.ts'
import { asParameter, limitOf, type QuotaKind, type Quotas } from '../blobs/quotas.ts'

export const usageMetrics = {
  quota_refusals_total: {
    type: 'counter',
    about: 'What was refused, or cut off on its way, since its account had no room: `bytes` or `items`.',
    advice: 'Growing: an account is full; `media-gateway account quota` raises what it may have.',
    labels: ['quota'],
  },
  usage_mended_accounts_total: {
    type: 'counter',
    about: 'Accounts whose counts the nightly reconciliation has mended; each is a fault of the gateway.',
    advice: 'More than 0: report it; the log has the account and by how much it was wrong.',
    labels: [],
  },
  used_bytes: {
    type: 'gauge',
    about: 'Bytes that all accounts use, as the database says; absent while it does not answer.',
    advice: 'Grows as the stores do; a bucket that grows faster holds what no row knows: run `doctor`.',
    labels: [],
  },
  reserved_bytes: {
    type: 'gauge',
    about: 'Bytes that are held for uploads under way, of all accounts.',
    advice:
      'Standing high without uploads: uploads broke off, and the reaper does not give back what was held.',
    labels: [],
  },
  used_items: {
    type: 'gauge',
    about: 'Media of all accounts, those in the trash included.',
    advice: 'Growing for ever: nothing expires; see RETENTION_RULES.',
    labels: [],
  },
  accounts_near_quota: {
    type: 'gauge',
    about: 'Accounts that use at least nine tenths of their quota of `bytes` or `items`.',
    advice: 'Tell them, or raise their quota, before their uploads are refused.',
    labels: ['quota'],
  },
} as const satisfies MetricTable

interface Sums {
  readonly used: number
  readonly reserved: number
  readonly items: number
  readonly nearBytes: number
  readonly nearItems: number
}

interface UsageMetricsDeps {
  readonly metrics: Metrics
  readonly database: Sql
  readonly defaults: Quotas['defaults']
}

/** Counts refusals, and reads what the accounts use. No account is named: those whose numbers one may see are asked for one by one. */
export class UsageMetrics {
  readonly #instruments

  constructor(private readonly deps: UsageMetricsDeps) {
    this.#instruments = deps.metrics.define(usageMetrics)
    keepReading(deps.metrics, { read: () => this.#readSums(), forget: () => this.#forget() })
  }

  refused(quota: QuotaKind): void {
    this.#instruments.quota_refusals_total.inc({ quota: LABELS[quota] })
  }

  mended(accounts: number): void {
    this.#instruments.usage_mended_accounts_total.inc(accounts)
  }

  #forget(): void {
    const { used_bytes, reserved_bytes, used_items, accounts_near_quota } = this.#instruments
    for (const gauge of [used_bytes, reserved_bytes, used_items]) gauge.remove()
    accounts_near_quota.reset()
  }

  async #readSums(): Promise<() => void> {
    const { database, defaults } = this.deps
    const [sums] = await database.query<Sums>(
      `SELECT coalesce(sum(a.used_bytes), 0)::float8 AS used, coalesce(sum(a.reserved_bytes), 0)::float8 AS reserved,
              coalesce(sum(a.used_items), 0)::float8 AS items,
              count(*) FILTER (WHERE a.used_bytes + a.reserved_bytes >= 0.9 * ${limitOf('bytes', '$1')})::int AS "nearBytes",
              count(*) FILTER (WHERE a.used_items >= 0.9 * ${limitOf('items', '$2')})::int AS "nearItems"
       FROM account a`,
      [asParameter(defaults.bytes), asParameter(defaults.items)],
    )
    return () => {
      if (!sums) return
      const { used_bytes, reserved_bytes, used_items, accounts_near_quota } = this.#instruments
      used_bytes.set(sums.used)
      reserved_bytes.set(sums.reserved)
      used_items.set(sums.items)
      accounts_near_quota.set({ quota: LABELS.BYTES }, sums.nearBytes)
      accounts_near_quota.set({ quota: LABELS.ITEMS }, sums.nearItems)
    }
  }
}

const LABELS = { BYTES: 'bytes', ITEMS: 'items' } as const satisfies Record<QuotaKind, string>
