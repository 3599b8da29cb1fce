import type { ScanState } from '../media/media-kind.ts'

/** Whether contents are delivered that wait for their scan or could not be scanned. */
export type ScanPolicy = 'closed' | 'open'

/**
 * `free`: delivered as any · `provisional`: delivered, and may be withdrawn, so that nobody keeps it · `withheld`: refused as long as
 * nothing else is known · `quarantined`: refused.
 */
type Admission = 'free' | 'provisional' | 'withheld' | 'quarantined'

const ADMISSIONS = {
  closed: {
    NOT_CONFIGURED: 'free',
    CLEAN: 'free',
    PENDING: 'withheld',
    ERROR: 'withheld',
    INFECTED: 'quarantined',
  },
  open: {
    NOT_CONFIGURED: 'free',
    CLEAN: 'free',
    PENDING: 'provisional',
    ERROR: 'provisional',
    INFECTED: 'quarantined',
  },
} as const satisfies Record<ScanPolicy, Record<ScanState, Admission>>

/** What a content's scan means for who wants to have it. */
export const admissionOf = (policy: ScanPolicy, scan: ScanState): Admission => ADMISSIONS[policy][scan]
