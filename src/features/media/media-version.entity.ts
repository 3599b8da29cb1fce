import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm'
import { safeInteger, time } from '../../platform/db/columns.ts'
import { Blob } from '../blobs/blob.entity.ts'
import { Media } from './media.entity.ts'
import type { ScanState } from './media-kind.ts'

/** One content that a media has or had; the current one is a version too. */
@Entity('media_version')
@Index('media_version_blob', ['blobId'])
@Index('media_version_content', ['sha256'])
@Check('media_version_scan', `scan IN ('NOT_CONFIGURED', 'PENDING', 'CLEAN', 'INFECTED', 'ERROR')`)
export class MediaVersion {
  @PrimaryColumn('uuid') mediaId: string
  @ManyToOne(() => Media, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'media_id' }) media: Relation<Media>
  /** The media's `contentVersion` when this content was the current one. */
  @PrimaryColumn('int') n: number
  @Column('uuid') blobId: string
  @ManyToOne(() => Blob) @JoinColumn({ name: 'blob_id' }) blob: Relation<Blob>
  @Column('text') sha256: string
  @Column('bigint', { transformer: safeInteger }) size: number
  @Column('text') mimeType: string
  @Column('text') originalFileName: string
  @Column('text', { default: 'NOT_CONFIGURED' }) scan: ScanState
  /** What was found, or why nothing could be said. */
  @Column('text', { nullable: true }) scanDetail: string | null
  @CreateDateColumn(time) createdAt: Date
}
