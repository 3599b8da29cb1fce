import { recordChange } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import { ADOPTED, givingUp, markOf } from '../given-up.ts'
import type { Seals } from '../seals.ts'
import type { AuditVerifier } from './audit-verifier.ts'

/** What was given up of one chain. */
export interface Adopted {
  readonly accountId: string
  /** Numbers of checkpoints in the store that the chain contradicts. */
  readonly checkpoints: readonly number[]
  /** Checkpoints that the database knows, and the store does not have. */
  readonly missing: readonly string[]
}

export interface AdoptionDeps {
  readonly database: Database
  readonly seals: Seals
  readonly verifier: Pick<AuditVerifier, 'examine'>
}

/**
 * Takes the word of an operator that the log goes on from where a restored database ends. What the store has seen beyond that is given up
 * by a row of the chain, which names it and who has said so: it stays where it is, and is told apart from findings. Nothing
 * else that is wrong with a chain becomes right by this.
 */
export class Adoption {
  constructor(private readonly deps: AdoptionDeps) {}

  /** Of one account or of all; chains that nothing contradicts are left alone. In force once its rows are sealed. */
  async *run(accountId?: string): AsyncGenerator<Adopted> {
    const { database, seals, verifier } = this.deps
    for await (const { report, contradicting, missing } of verifier.examine(accountId)) {
      if (contradicting.length === 0 && missing.length === 0) continue
      const { accountId } = report
      const marks = contradicting.map(({ key, text }) => markOf(key, text))
      await database.transaction(async tx => {
        await tx.query(`DELETE FROM audit_checkpoint WHERE account_id = $1 AND key = ANY ($2)`, [
          accountId,
          missing,
        ])
        const details = { ...givingUp(accountId, marks, seals), missing }
        await recordChange(tx, { accountId, action: ADOPTED, subjectId: null, details })
      })
      yield { accountId, checkpoints: contradicting.map(({ text }) => text.number), missing }
    }
  }
}
