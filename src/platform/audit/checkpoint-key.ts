import { hash } from 'node:crypto'
import { isUuid } from '../lib/uuid7.ts'
import { type StorageKey, storageKey } from '../storage/key.ts'

/** Where the checkpoints of the audit log lie in a store. */
export const CHECKPOINTS = 'audit/'

/** Account ids have capital letters, keys have none. */
export const checkpointsOf = (accountId: string): string =>
  `${CHECKPOINTS}${hash('sha256', accountId, 'hex').slice(0, 32)}/`

export const checkpointKey = (accountId: string, number: number, id: string): StorageKey =>
  storageKey(`${checkpointsOf(accountId)}${String(number).padStart(16, '0')}-${id}`)

const KEY = /^audit\/[0-9a-f]{32}\/\d{16}-(.{36})$/

/** Whether an object is a checkpoint, and so needs no row of a blob. */
export const isCheckpointKey = (key: string): boolean => isUuid(KEY.exec(key)?.[1] ?? '')
