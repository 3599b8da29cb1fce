import type { Counts } from '../blobs/doctor/counts.ts'

interface ReconciliationDeps {
  readonly counts: Pick<Counts, 'wrongSums' | 'mendSums'>
  /** An account counted otherwise than its rows, in words: somebody has changed rows by hand, or there is a fault. */
  readonly onMended: (account: string, message: string) => void
}

/** Holds what accounts count against the rows that they count, and mends it. Any node, at any time, beside uploads under way. */
export class Reconciliation {
  constructor(private readonly deps: ReconciliationDeps) {}

  /** How many accounts were mended. */
  async run(): Promise<number> {
    const { counts, onMended } = this.deps
    const wrong = await counts.wrongSums()
    for (const { subject, message } of wrong) {
      await counts.mendSums(subject)
      onMended(subject, message)
    }
    return wrong.length
  }
}
