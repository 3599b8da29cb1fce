import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm'
import { safeInteger, time } from '../../../platform/db/columns.ts'
import type { MediaFields } from '../../media/media.fields.ts'
import type { DuplicatePolicy } from '../duplicate-policy.ts'

/** `open`: bytes may come · `received`: they lie in the store, whole and as promised · `completed`: they are a media's. */
export type TicketState = 'open' | 'received' | 'completed'

/** Permission for one file to come, and all that was decided about it when it was given. */
@Entity('upload_ticket')
@Index('upload_ticket_expires', ['expiresAt'])
@Index('upload_ticket_media', ['mediaId'], { where: 'media_id IS NOT NULL' })
@Index('upload_ticket_replaces', ['replaces'], { where: 'replaces IS NOT NULL' })
@Check('upload_ticket_size', `size >= 0`)
@Check('upload_ticket_sha256', `sha256 ~ '^[0-9a-f]{64}$'`)
@Check('upload_ticket_state', `state IN ('open', 'received', 'completed')`)
@Check(
  'upload_ticket_received',
  `state <> 'received' OR (blob_id IS NOT NULL AND received_size IS NOT NULL AND received_sha256 IS NOT NULL AND received_type IS NOT NULL)`,
)
@Check('upload_ticket_completed', `state <> 'completed' OR media_id IS NOT NULL`)
export class UploadTicket {
  @PrimaryColumn('uuid') id: string
  @Column('text') accountId: string
  /** Who may complete it: the credential that asked for it. */
  @Column('text') principal: string
  @Column('jsonb') fields: MediaFields
  @Column('text') onDuplicate: DuplicatePolicy
  /** The store that was asked for; null where the operator's rules decide once bytes come. */
  @Column('text', { nullable: true }) storeId: string | null
  /** The media whose content the file becomes; null for a new one. */
  @Column('uuid', { nullable: true }) replaces: string | null
  @Column('text', { nullable: true }) ifMatch: string | null
  @Column('text', { nullable: true }) fileName: string | null
  @Column('text', { nullable: true }) declaredType: string | null
  /** Bytes that must come, if that was said. */
  @Column('bigint', { nullable: true, transformer: safeInteger }) size: number | null
  @Column('bigint', { nullable: true, transformer: safeInteger }) maxSize: number | null
  @Column('text', { nullable: true }) sha256: string | null
  /** Media types that the bytes may be of, such as `image/*`; null for any. */
  @Column('text', { array: true, nullable: true }) accept: string[] | null
  @Column('text') state: TicketState
  /** Where the bytes lie, or where presigned requests put them. */
  @Column('uuid', { nullable: true }) blobId: string | null
  @Column('boolean', { default: false }) isPresigned: boolean
  @Column('bigint', { nullable: true, transformer: safeInteger }) receivedSize: number | null
  @Column('text', { nullable: true }) receivedSha256: string | null
  @Column('text', { nullable: true }) receivedType: string | null
  @Column('uuid', { nullable: true }) mediaId: string | null
  @Column(time) expiresAt: Date
  @CreateDateColumn(time) createdAt: Date
}
