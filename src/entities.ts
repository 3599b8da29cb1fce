import { Account } from './features/access/account.entity.ts'
import { ApiKey } from './features/access/api-key.entity.ts'
import { ApiSecret } from './features/access/api-secret.entity.ts'
import { Application } from './features/access/jwt/application.entity.ts'
import { Owner } from './features/access/owner.entity.ts'
import { AuditChain } from './features/audit/audit-chain.entity.ts'
import { AuditCheckpoint } from './features/audit/audit-checkpoint.entity.ts'
import { Blob } from './features/blobs/blob.entity.ts'
import { StoreEpoch } from './features/blobs/epochs/store-epoch.entity.ts'
import { Inspection } from './features/blobs/inspection.entity.ts'
import { ScrubPosition } from './features/blobs/scrubber/scrub-position.entity.ts'
import { Collection } from './features/collections/collection.entity.ts'
import { CollectionMedia } from './features/collections/collection-media.entity.ts'
import { DownloadSession } from './features/delivery/budget/download-session.entity.ts'
import { ShareLink } from './features/delivery/sharing/share-link.entity.ts'
import { LoginFailure } from './features/limits/login-failure.entity.ts'
import { Media } from './features/media/media.entity.ts'
import { MediaTag } from './features/media/media-tag.entity.ts'
import { MediaVersion } from './features/media/media-version.entity.ts'
import { Redaction } from './features/privacy/redaction.entity.ts'
import { ProcessingStep } from './features/processing/processing-step.entity.ts'
import { RetentionPass } from './features/retention/expiry/retention-pass.entity.ts'
import { LegalHold } from './features/retention/holds/legal-hold.entity.ts'
import { Purge } from './features/retention/purge/purge.entity.ts'
import { Variant } from './features/transform/variant.entity.ts'
import { MediaImport } from './features/upload/import/media-import.entity.ts'
import { UploadTicket } from './features/upload/tickets/upload-ticket.entity.ts'
import { TusUpload } from './features/upload/tus/tus-upload.entity.ts'
import { WebhookDelivery } from './features/webhooks/deliveries/webhook-delivery.entity.ts'
import { Webhook } from './features/webhooks/endpoints/webhook.entity.ts'
import { AuditEvent } from './platform/audit/audit-event.entity.ts'
import { OutboxEvent } from './platform/events/outbox.entity.ts'
import { OutboxHorizon } from './platform/events/outbox-horizon.entity.ts'
import { IdempotencyRow } from './platform/idempotency/idempotency.entity.ts'

/** Every table of ours; a test holds them against what the migrations make. */
export const ENTITIES = [
  Account,
  ApiKey,
  ApiSecret,
  Application,
  AuditChain,
  AuditCheckpoint,
  AuditEvent,
  Blob,
  Collection,
  CollectionMedia,
  DownloadSession,
  IdempotencyRow,
  Inspection,
  LegalHold,
  LoginFailure,
  Media,
  MediaImport,
  MediaTag,
  MediaVersion,
  OutboxEvent,
  OutboxHorizon,
  Owner,
  ProcessingStep,
  Purge,
  RetentionPass,
  Redaction,
  ScrubPosition,
  ShareLink,
  StoreEpoch,
  TusUpload,
  UploadTicket,
  Variant,
  Webhook,
  WebhookDelivery,
]
