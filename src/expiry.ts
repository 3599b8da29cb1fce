import type { Config } from './config.ts'
import { FACADE_RETENTION_RULES } from './facades.ts'
import type { ExpiryTerms } from './features/media/media-expiry.ts'
import type { ExpiredNames } from './features/media/media-names.ts'
import { EXPIRY_JOB, ExpirySweep } from './features/retention/expiry/expiry-sweep.ts'
import { RuledTerms } from './features/retention/expiry/expiry-terms.ts'
import { RetentionResolver } from './features/retention/expiry/retention.resolver.ts'
import { RetentionPreview } from './features/retention/expiry/retention-preview.ts'
import { RetentionRules } from './features/retention/expiry/retention-rules.ts'
import { RuleApplication } from './features/retention/expiry/rule-application.ts'
import { RuleForesight } from './features/retention/expiry/rule-foresight.ts'
import type { Foundation } from './foundation.ts'
import type { Outbox } from './platform/events/outbox.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'

/** Until when media are kept: what decides it, what says it, what carries it out. */
export interface ExpiryParts {
  readonly terms: ExpiryTerms
  readonly expiredNames: ExpiredNames
  readonly foresight: RuleForesight
  readonly resolvers: readonly object[]
  readonly jobs: readonly JobKind[]
}

export function composeExpiry(config: Config, { database, log }: Foundation, outbox: Outbox): ExpiryParts {
  const rules = new RetentionRules([...config.RETENTION_RULES, ...FACADE_RETENTION_RULES])
  const sweep = new ExpirySweep({ database, outbox, trashDays: config.TRASH_DAYS })
  const application = new RuleApplication({ database, rules })
  return {
    terms: new RuledTerms({ rules }),
    expiredNames: sweep,
    foresight: new RuleForesight({ database, rules }),
    resolvers: [new RetentionResolver(new RetentionPreview({ database }))],
    jobs: [
      { name: EXPIRY_JOB, cron: '* * * * *', run: async () => void (await sweep.run()) },
      {
        name: 'retention.apply',
        cron: '* * * * *',
        lane: 'waiting',
        async run() {
          const media = await application.run()
          if (media > 0) log.info({ media }, 'retention rules have given media another end')
        },
      },
    ],
  }
}
