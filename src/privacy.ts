import type { Config } from './config.ts'
import type { MediaContent } from './features/delivery/content-finder.ts'
import { PublicContent } from './features/privacy/public-content.ts'
import { PublicRisksResolver } from './features/privacy/public-risks.resolver.ts'
import { Redactions } from './features/privacy/redactions.ts'
import { strips } from './features/privacy/strip-policy.ts'
import type { Foundation } from './foundation.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'

/** What the public gets of public media, and what it would learn from them. */
export interface PrivacyParts {
  /** Every content in the form in which it leaves. */
  readonly content: PublicContent
  readonly resolvers: readonly object[]
  readonly jobs: readonly JobKind[]
}

export function composePrivacy(
  { STRIP_ON_PUBLIC: policy }: Config,
  { database, storage }: Foundation,
  contents: MediaContent,
): PrivacyParts {
  const redactions = new Redactions({ database, storage })
  const isStripped = (accountId: string) => strips(policy, accountId)
  return {
    content: new PublicContent({ contents, redactions, database, strips: isStripped }),
    resolvers: [new PublicRisksResolver({ strips: isStripped })],
    jobs: [
      { name: 'redactions.forget', cron: '17 3 * * *', run: async () => void (await redactions.forget()) },
    ],
  }
}
