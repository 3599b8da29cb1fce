import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm'
import { optionalTime, safeInteger, time } from '../../platform/db/columns.ts'
import { Account } from '../access/account.entity.ts'
import { Owner } from '../access/owner.entity.ts'
import { Blob } from '../blobs/blob.entity.ts'
import type { FileFacts } from '../insight/file-facts.ts'
import type { MediaKind, MediaStatus, ScanState } from './media-kind.ts'

const now = { ...time, default: () => 'now()' } as const

/**
 * One item of a library: what it is called, what it is, and which blob holds its bytes. Orders and filters are served by
 * expression indexes, which the first migration makes (`media_by_…`).
 */
@Entity('media')
@Index('media_by_number', ['number'], { unique: true })
@Index('media_by_hash', ['hash'], { unique: true })
@Index('media_by_blob', ['blobId'])
@Index('media_in_processing', ['updatedAt'], { where: `status = 'PROCESSING'` })
@Index('media_replaced', ['contentVersion'], { where: 'content_version > 1' })
@Check('media_latitude', `latitude BETWEEN -90 AND 90`)
@Check('media_longitude', `longitude BETWEEN -180 AND 180`)
@Check('media_place', `(latitude IS NULL) = (longitude IS NULL)`)
@Check('media_kind', `kind IN ('IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'FILE')`)
@Check('media_status', `status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED')`)
@Check('media_scan', `scan IN ('NOT_CONFIGURED', 'PENDING', 'CLEAN', 'INFECTED', 'ERROR')`)
@Check('media_max_downloads', `max_downloads >= 0`)
@Check('media_open_holds', `open_holds BETWEEN 0 AND 100`)
@Check('media_purge_at', `(purge_at IS NULL) = (deleted_at IS NULL)`)
@Check('media_expires_by', `expires_at IS NULL OR expires_by IS NOT NULL`)
@Check('media_content', `blob_id IS NOT NULL OR status IN ('PENDING', 'FAILED')`)
export class Media {
  /** UUIDv7: one id at every door. */
  @PrimaryColumn('uuid') id: string
  /** Integer id per installation, for systems that have only those. */
  @Column({ type: 'int', generated: 'identity' }) number: number
  /** Random: whoever knows it may fetch the content where a system hands out such URLs. */
  @Column('uuid') hash: string
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  /** The JWT application that it came in through, if any. */
  @Column('text', { nullable: true }) applicationId: string | null
  /** The door that it came in by; null of what came before doors were written down. */
  @Column('text', { nullable: true }) door: string | null

  /** Unique per account among what is not deleted. */
  @Column('text', { nullable: true }) name: string | null
  @Column('text') originalFileName: string
  @Column('text', { nullable: true }) title: string | null
  @Column('text', { nullable: true }) description: string | null
  @Column('text', { nullable: true }) altText: string | null
  @Column('text', { array: true, default: () => `'{}'` }) tags: string[]
  @Column('text', { nullable: true }) metadataPrimary: string | null
  @Column('text', { nullable: true }) metadataSecondary: string | null
  @Column('jsonb', { default: () => `'{}'` }) metadata: Record<string, unknown>
  @Column('double precision', { nullable: true }) latitude: number | null
  @Column('double precision', { nullable: true }) longitude: number | null

  @Column('uuid', { nullable: true }) ownerId: string | null
  @ManyToOne(() => Owner) @JoinColumn({ name: 'owner_id' }) owner: Relation<Owner> | null
  @Column('text', { array: true, default: () => `'{}'` }) groupIds: string[]
  @Column('text', { nullable: true }) conversationId: string | null
  @Column('text', { default: 'unknown' }) sourceType: string

  @Column('text') kind: MediaKind
  /** What the bytes are. */
  @Column('text') mimeType: string
  /** What the uploader said they were. */
  @Column('text', { nullable: true }) declaredType: string | null
  @Column('text') status: MediaStatus
  @Column('text', { nullable: true }) statusReason: string | null
  @Column('bigint', { nullable: true, transformer: safeInteger }) size: number | null
  @Column('text', { nullable: true }) sha256: string | null
  @Column('text', { nullable: true }) etag: string | null
  @Column('int', { nullable: true }) width: number | null
  @Column('int', { nullable: true }) height: number | null
  @Column('double precision', { nullable: true }) durationSeconds: number | null
  @Column('int', { nullable: true }) pageCount: number | null
  /** What was found out about the present content; null until it was looked at, or somebody has taken the place away before (media-writer.ts). */
  @Column('jsonb', { nullable: true }) facts: FileFacts | null
  /** All that the file itself tells, as its format names it; only for who asks. */
  @Column('jsonb', { nullable: true, select: false }) technicalMetadata: Record<string, unknown> | null
  /** What the malware scan has said of the present content, and why, as its version has it. */
  @Column('text', { default: 'NOT_CONFIGURED' }) scan: ScanState
  @Column('text', { nullable: true }) scanDetail: string | null
  @Column('text') storeId: string
  /** Null while an import has no bytes yet. */
  @Column('uuid', { nullable: true }) blobId: string | null
  @ManyToOne(() => Blob) @JoinColumn({ name: 'blob_id' }) blob: Relation<Blob> | null
  /** Grows with each new content. */
  @Column('int', { default: 1 }) contentVersion: number
  /** Grows with each change of the row. */
  @Column('int', { default: 1 }) version: number

  @Column('boolean', { default: false }) public: boolean
  @Column('bigint', { default: 0, transformer: safeInteger }) timesDownloaded: number
  /** 0 = unlimited. */
  @Column('int', { default: 0 }) maxDownloads: number
  @Column('text', { nullable: true }) cacheControl: string | null

  @Column(now) createdAt: Date
  @Column(now) updatedAt: Date
  @Column(now) contentUpdatedAt: Date
  /** Legal holds that are not released: counted here, where a deletion locks the row and sees them. */
  @Column('int', { default: 0 }) openHolds: number
  @Column(optionalTime) expiresAt: Date | null
  /** Who says so: `given` by a person, who may also have said that it does not expire, or the rule; null: nobody says anything. */
  @Column('text', { nullable: true }) expiresBy: string | null
  /** Whether it then goes for good, and not into the trash. */
  @Column('boolean', { default: false }) expiresForGood: boolean
  @Column(optionalTime) deletedAt: Date | null
  /** When it goes for good: of what is deleted, and of nothing else. */
  @Column(optionalTime) purgeAt: Date | null

  /** All that search looks through, folded; a trigger keeps it. */
  @Column('text', { nullable: true, select: false }) searchText: string | null
}
