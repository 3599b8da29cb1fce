import { Library1700000000001 } from './0001-library.ts'
import { Keys1700000000002 } from './0002-keys.ts'
import { Applications1700000000003 } from './0003-applications.ts'
import { Sharing1700000000004 } from './0004-sharing.ts'
import { Limits1700000000005 } from './0005-limits.ts'
import { Events1700000000008 } from './0008-events.ts'

/** In the order in which they run; a migration that has landed is never changed. */
export const migrations = [
  Library1700000000001,
  Keys1700000000002,
  Applications1700000000003,
  Sharing1700000000004,
  Limits1700000000005,
  Events1700000000008,
]
