import { Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../platform/graphql/connection.ts'
import type { Viewer } from '../access/viewer.ts'
import { AUDIT_EVENT_PREFIX, type AuditRow } from './audit.rows.ts'
import { AuditEventConnection, AuditEventsArgs, AuditEventType } from './audit-event.type.ts'
import type { AuditLog } from './audit-log.ts'

@Resolver(() => AuditEventType)
export class AuditEventResolver {
  constructor(private readonly deps: { readonly log: Pick<AuditLog, 'list'> }) {}

  @Query(() => AuditEventConnection, {
    description:
      'What was done in the account and what was refused, newest first, by whom and by which rule. Needs the scope admin.',
  })
  auditEvents(
    @Args(() => AuditEventsArgs) { filter, ...page }: AuditEventsArgs,
    @Ctx() { viewer }: { readonly viewer: Viewer },
  ): Promise<Connection<AuditRow>> {
    return this.deps.log.list(viewer, filter ?? {}, page)
  }

  @FieldResolver(() => ID, { description: 'Global id; opaque.' })
  id(@Root() event: AuditRow): string {
    return AUDIT_EVENT_PREFIX + event.id
  }
}
