import { Ctx, FieldResolver, Resolver } from 'type-graphql'
import { authenticated, seesUsage } from '../access/policy.ts'
import { ViewerType } from '../access/viewer.resolver.ts'
import type { Viewer } from '../access/viewer.ts'
import type { UsageService } from './usage.service.ts'
import { AccountUsageType } from './usage.type.ts'

@Resolver(() => ViewerType)
export class UsageResolver {
  constructor(private readonly deps: { readonly usage: Pick<UsageService, 'of'> }) {}

  @FieldResolver(() => AccountUsageType, {
    nullable: true,
    description:
      'What your account uses; null for a credential that may not list all of its media: one that acts for an owner, has no media:read, or an ACL without that.',
  })
  async usage(@Ctx() { viewer }: { viewer: Viewer }): Promise<AccountUsageType | null> {
    return seesUsage(viewer) ? this.deps.usage.of(authenticated(viewer).accountId) : null
  }
}
