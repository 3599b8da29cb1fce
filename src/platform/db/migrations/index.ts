import { Library1700000000001 } from './0001-library.ts'
import { Keys1700000000002 } from './0002-keys.ts'
import { Applications1700000000003 } from './0003-applications.ts'
import { Sharing1700000000004 } from './0004-sharing.ts'
import { Limits1700000000005 } from './0005-limits.ts'
import { Finding1700000000006 } from './0006-finding.ts'
import { Idempotency1700000000007 } from './0007-idempotency.ts'
import { Events1700000000008 } from './0008-events.ts'
import { LegalHolds1700000000009 } from './0009-legal-holds.ts'
import { Imports1700000000010 } from './0010-imports.ts'
import { Versions1700000000011 } from './0011-versions.ts'
import { Uploads1700000000012 } from './0012-uploads.ts'
import { ImportProgress1700000000013 } from './0013-import-progress.ts'
import { TicketStores1700000000014 } from './0014-ticket-stores.ts'
import { Epochs1700000000015 } from './0015-epochs.ts'
import { Understanding1700000000016 } from './0016-understanding.ts'
import { PurgeAt1700000000017 } from './0017-purge-at.ts'
import { Purge1700000000018 } from './0018-purge.ts'
import { Expiry1700000000019 } from './0019-expiry.ts'
import { Quotas1700000000020 } from './0020-quotas.ts'
import { Audit1700000000021 } from './0021-audit.ts'
import { Webhooks1700000000022 } from './0022-webhooks.ts'

/** In the order in which they run; a migration that has landed is never changed. */
export const migrations = [
  Library1700000000001,
  Keys1700000000002,
  Applications1700000000003,
  Sharing1700000000004,
  Limits1700000000005,
  Finding1700000000006,
  Idempotency1700000000007,
  Events1700000000008,
  LegalHolds1700000000009,
  Imports1700000000010,
  Versions1700000000011,
  Uploads1700000000012,
  ImportProgress1700000000013,
  TicketStores1700000000014,
  Epochs1700000000015,
  Understanding1700000000016,
  PurgeAt1700000000017,
  Purge1700000000018,
  Expiry1700000000019,
  Quotas1700000000020,
  Audit1700000000021,
  Webhooks1700000000022,
]
