import type { ChainReport } from '../../src/features/audit/verify/audit-verifier.ts'
import { recordChanges } from '../../src/platform/audit/trail.ts'
import type { Running } from './installation.ts'

/** The rows of an account, in SQL. */
export const at = (account: string) => `account_id = '${account}'`

/** What is wrong with a chain, and where. */
export const found = ({ findings }: ChainReport) => findings.map(({ code, number }) => [code, number])

/** Writes to the log of a gateway, which may be started later, tampers with it, and holds it against its seals. */
export function chainTools(gatewayOf: () => Running) {
  return {
    /** So many rows that wait for their seals. */
    record: (accountId: string, count: number) =>
      gatewayOf().app.foundation.database.transaction(tx =>
        recordChanges(
          tx,
          Array.from({ length: count }, (_, i) => ({
            accountId,
            action: 'media.updated',
            subjectId: null,
            details: { i, fields: ['title'], b: 1, aa: null },
          })),
        ),
      ),
    /** As somebody who can do anything to the database, and knows no pepper. */
    async tamper(...statements: string[]): Promise<void> {
      await gatewayOf().app.foundation.database.transaction(async tx => {
        await tx.query('ALTER TABLE audit_event DISABLE TRIGGER USER')
        for (const statement of statements) await tx.query(statement)
        await tx.query('ALTER TABLE audit_event ENABLE TRIGGER USER')
      })
    },
    /** By this gateway, or by another one. */
    async verify(accountId: string, { app }: Running = gatewayOf()): Promise<ChainReport> {
      const [report] = await Array.fromAsync(app.audit.verifier.run(accountId))
      return report as ChainReport
    },
    /** The newest first. */
    checkpointsOf: (accountId: string) =>
      gatewayOf().sql<{ key: string }>(
        `SELECT key FROM audit_checkpoint WHERE account_id = $1 ORDER BY number DESC, key DESC`,
        [accountId],
      ),
  }
}
