import type { GraphQLSchema } from 'graphql'
import type { Config } from './config.ts'
import { watchAttempts } from './entrances/graphql/attempts.ts'
import type { Viewer } from './features/access/viewer.ts'
import { auditMetrics } from './features/audit/audit.metrics.ts'
import { AUDIT_EVENT_PREFIX } from './features/audit/audit.rows.ts'
import { AuditEventResolver } from './features/audit/audit-event.resolver.ts'
import { AuditLog } from './features/audit/audit-log.ts'
import { AuditRetention } from './features/audit/audit-retention.ts'
import { Checkpoints } from './features/audit/checkpoints.ts'
import { Refusals } from './features/audit/refusals.ts'
import { Sealer } from './features/audit/sealer.ts'
import { Seals } from './features/audit/seals.ts'
import { type Adopted, Adoption } from './features/audit/verify/adoption.ts'
import { AuditVerifier } from './features/audit/verify/audit-verifier.ts'
import type { Foundation } from './foundation.ts'
import type { OnRefused } from './platform/audit/attempt.ts'
import type { NodeSource } from './platform/graphql/node.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import { keepReading } from './platform/metrics-reading.ts'

/** What was done and refused: who reads it, who seals it, who proves it. */
export interface AuditParts {
  readonly log: AuditLog
  /** Seals what is there and writes checkpoints; how many rows it were. */
  seal(): Promise<number>
  readonly verifier: AuditVerifier
  /** Gives up what the store has seen and the chains do not have, by rows that are sealed at once. */
  adopt(accountId?: string): Promise<Adopted[]>
  readonly retention: AuditRetention
  readonly refusals: Refusals
  readonly onRefused: OnRefused
  /** Has what queries and mutations refuse be told, and what they do be done in the name of who asks. */
  watch(schema: GraphQLSchema): void
  readonly resolvers: readonly object[]
  readonly node: NodeSource<Viewer>
  readonly jobs: readonly JobKind[]
}

export function composeAudit(config: Config, foundation: Foundation): AuditParts {
  const { log: logger, database, storage, newId, fault, metrics, pepper } = foundation
  const told = metrics.define(auditMetrics)
  const seals = new Seals({ pepper, formerPeppers: config.AUDIT_FORMER_PEPPERS })
  const log = new AuditLog({ database })
  const refusals = new Refusals({
    database,
    onWritten: (outcome, count) => told.audit_refusals_total.inc({ outcome }, count),
    onFailure: (error, rows) =>
      logger.warn(
        { err: error },
        rows === 'waits'
          ? 'refused attempts could not be recorded; they wait'
          : 'the database does not take the record of a refused attempt, which is lost',
      ),
  })
  const onRefused: OnRefused = refused => refusals.note(refused)
  const failed = (step: 'seal' | 'checkpoint') => (accountId: string, error: unknown) => {
    told.audit_seal_failures_total.inc({ step })
    logger.warn(
      { err: error, account: accountId, step },
      'the audit log could not be sealed; it is tried again',
    )
  }
  const sealer = new Sealer({ database, seals, fault, onFailure: failed('seal') })
  const checkpoints = new Checkpoints({
    database,
    storage,
    seals,
    fault,
    newId,
    onFailure: failed('checkpoint'),
  })
  const verifier = new AuditVerifier({ database, seals, checkpoints })
  const retention = new AuditRetention({
    database,
    storage,
    seals,
    days: config.AUDIT_DAYS,
    onBroken: (account, number) =>
      logger.error(
        { account, number },
        'the audit log is not whole, and nothing is removed from it; "media-gateway audit verify" says more',
      ),
  })
  keepReading(metrics, {
    async read() {
      const [unsealed] = await database.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM audit_event WHERE number IS NULL`,
      )
      return () => told.audit_unsealed_rows.set(unsealed?.count ?? 0)
    },
    forget: () => told.audit_unsealed_rows.remove(),
  })
  const seal = async () => {
    const sealed = await sealer.run()
    await checkpoints.write()
    return sealed
  }
  const adoption = new Adoption({ database, seals, verifier })
  return {
    log,
    seal,
    verifier,
    async adopt(accountId) {
      const adopted = await Array.fromAsync(adoption.run(accountId))
      await seal()
      return adopted
    },
    retention,
    refusals,
    onRefused,
    watch: schema => watchAttempts(schema, onRefused),
    resolvers: [new AuditEventResolver({ log })],
    node: {
      typeName: 'AuditEvent',
      prefix: AUDIT_EVENT_PREFIX,
      getMany: (viewer, ids) => log.getMany(viewer, ids),
    },
    jobs: [
      {
        name: 'audit.seal',
        cron: '* * * * *',
        run: async () => void (await seal()),
      },
      {
        name: 'audit.prune',
        cron: '29 3 * * *',
        async run() {
          await retention.prune()
          await checkpoints.clearBrokenOff()
        },
      },
    ],
  }
}
