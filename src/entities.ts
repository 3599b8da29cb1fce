import { Account } from './features/access/account.entity.ts'
import { ApiKey } from './features/access/api-key.entity.ts'
import { ApiSecret } from './features/access/api-secret.entity.ts'
import { Application } from './features/access/jwt/application.entity.ts'
import { Owner } from './features/access/owner.entity.ts'
import { Blob } from './features/blobs/blob.entity.ts'
import { DownloadSession } from './features/delivery/budget/download-session.entity.ts'
import { ShareLink } from './features/delivery/sharing/share-link.entity.ts'
import { LoginFailure } from './features/limits/login-failure.entity.ts'
import { Media } from './features/media/media.entity.ts'
import { MediaVersion } from './features/media/media-version.entity.ts'
import { Variant } from './features/transform/variant.entity.ts'
import { Idempotency } from './features/upload/idempotency.entity.ts'
import { OutboxEvent } from './platform/events/outbox.entity.ts'
import { OutboxHorizon } from './platform/events/outbox-horizon.entity.ts'

/** Every table of ours; a test holds them against what the migrations make. */
export const ENTITIES = [
  Account,
  ApiKey,
  ApiSecret,
  Application,
  Blob,
  DownloadSession,
  Idempotency,
  LoginFailure,
  Media,
  MediaVersion,
  OutboxEvent,
  OutboxHorizon,
  Owner,
  ShareLink,
  Variant,
]
