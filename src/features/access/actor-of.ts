import { type Actor, currentActor } from '../../platform/audit/actor.ts'
import { ruleOfChanges } from './policy.ts'
import type { Viewer } from './viewer.ts'

/** Who asks, as the audit log names them. */
export const actorOf = (viewer: Viewer, requestId: string | null = currentActor().requestId): Actor =>
  viewer.kind === 'anonymous'
    ? { name: 'anonymous', accountId: null, rule: null, requestId }
    : { name: viewer.name, accountId: viewer.accountId, rule: ruleOfChanges(viewer), requestId }
