import { checkpointKey } from '../../platform/audit/checkpoint-key.ts'
import type { AuditDetails } from '../../platform/audit/trail.ts'
import type { StorageKey } from '../../platform/storage/key.ts'
import type { AuditRow } from './audit.rows.ts'
import { type CheckpointText, isSameSeal, type Seals } from './seals.ts'

/** What the row is called that gives checkpoints up. */
export const ADOPTED = 'audit.adopted'

/** One checkpoint in a row that gives it up: its number, the id in its key, and its seal in hex, parted by blanks. */
export type Mark = string

export const markOf = (key: StorageKey | string, { number, seal }: CheckpointText): Mark =>
  `${number} ${key.slice(-36)} ${seal.toString('hex')}`

export const numberOf = (mark: Mark): number => Number(mark.split(' ')[0])

export function keyOf(accountId: string, mark: Mark): StorageKey {
  const [number, id] = mark.split(' ') as [string, string]
  return checkpointKey(accountId, Number(number), id)
}

/** What a row says that gives these up. With a proof: whoever writes rows into the database has them sealed, too, but not made. */
export function givingUp(accountId: string, marks: readonly Mark[], seals: Seals): AuditDetails {
  return { checkpoints: marks, keyId: seals.keyId, mac: seals.ofGivenUp(accountId, marks).toString('hex') }
}

/** What a row gives up; nothing where it is no such row, or none that a gateway with this pepper has made. */
export function givenUpBy({ accountId, action, details }: AuditRow, seals: Seals): readonly Mark[] {
  const { checkpoints, keyId, mac } = details
  if (action !== ADOPTED || !Array.isArray(checkpoints)) return []
  if (typeof keyId !== 'string' || typeof mac !== 'string' || !seals.knows(keyId)) return []
  const isTrue = isSameSeal(seals.ofGivenUp(accountId, checkpoints, keyId), Buffer.from(mac, 'hex'))
  return isTrue ? checkpoints : []
}
