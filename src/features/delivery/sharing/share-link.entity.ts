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
import { optionalTime, safeInteger, time } from '../../../platform/db/columns.ts'
import { Media } from '../../media/media.entity.ts'

/** A link by which others may fetch the content of one media. Its token is never stored. */
@Entity('share_link')
@Index('share_link_token', ['tokenHash'], { unique: true })
@Index('share_link_media', ['mediaId', 'createdAt', 'id'])
@Check('share_link_token_hash', `octet_length(token_hash) = 32`)
@Check('share_link_max_downloads', `max_downloads >= 0`)
export class ShareLink {
  @PrimaryColumn('uuid') id: string
  @Column('uuid') mediaId: string
  @ManyToOne(() => Media, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'media_id' }) media: Relation<Media>
  /** HMAC-SHA-256 of the token, keyed by KEY_PEPPER. */
  @Column('bytea') tokenHash: Buffer
  /** Names the credential that made it. */
  @Column('text') createdBy: string
  @CreateDateColumn(time) createdAt: Date
  @Column(time) expiresAt: Date
  /** 0 = any number. */
  @Column('int', { default: 0 }) maxDownloads: number
  @Column('bigint', { default: 0, transformer: safeInteger }) timesDownloaded: number
  @Column(optionalTime) revokedAt: Date | null
}
