import type { Config } from './config.ts'
import { Counts } from './features/blobs/doctor/counts.ts'
import { AccountQuotas } from './features/usage/account-quotas.ts'
import { Reconciliation } from './features/usage/reconciliation.ts'
import { UsageMetrics } from './features/usage/usage.metrics.ts'
import { UsageResolver } from './features/usage/usage.resolver.ts'
import { UsageService } from './features/usage/usage.service.ts'
import type { Foundation } from './foundation.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'

/** What accounts use and may have. */
export interface UsageParts {
  readonly quotas: AccountQuotas
  readonly usage: UsageService
  readonly resolvers: readonly object[]
  readonly jobs: readonly JobKind[]
}

export function composeUsage(config: Config, { database, metrics, log }: Foundation): UsageParts {
  const defaults = { bytes: config.QUOTA_BYTES, items: config.QUOTA_ITEMS }
  const told = new UsageMetrics({ metrics, database, defaults })
  const quotas = new AccountQuotas({ defaults, onRefused: quota => told.refused(quota) })
  const usage = new UsageService({ database, quotas })
  const reconciliation = new Reconciliation({
    counts: new Counts({ database }),
    onMended: (account, message) => log.error({ account }, `counted anew: ${message}`),
  })
  return {
    quotas,
    usage,
    resolvers: [new UsageResolver({ usage })],
    jobs: [
      {
        name: 'usage.reconcile',
        cron: '29 3 * * *',
        lane: 'waiting',
        run: async () => told.mended(await reconciliation.run()),
      },
    ],
  }
}
