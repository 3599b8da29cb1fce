import type { RetentionRule } from '../../../features/retention/expiry/retention-rules.ts'
import type { TypeRule } from '../../../features/types/type-rules.ts'

const HOURS_48 = 48 * 3_600_000

/** It takes files of 3.75 MB, unless the operator's own rules for this door say otherwise. */
export const bandwidthTypeRules: readonly TypeRule[] = [
  { door: 'bandwidth', says: { maxSize: 3.75 * 2 ** 20 } },
]

/** It keeps files for 48 hours from their last upload, unless a rule of the operator fits; none of them comes back. */
export const bandwidthRetention: RetentionRule = {
  name: 'door:bandwidth',
  door: 'bandwidth',
  says: { keepMs: HOURS_48, isFromUpload: true, isForGood: true, isBinding: false },
}
