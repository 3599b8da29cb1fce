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
import { optionalTime, time } from '../../../platform/db/columns.ts'
import { Account } from '../../access/account.entity.ts'
import { Media } from '../../media/media.entity.ts'

/** Why a media is kept, and by whose word. A released one stays, as the record of what was kept when; it goes with its media. */
@Entity('legal_hold')
@Index('legal_hold_media', ['mediaId', 'createdAt', 'id'])
@Index('legal_hold_account', ['accountId', 'createdAt', 'id'])
@Index('legal_hold_open', ['accountId', 'createdAt', 'id'], { where: 'released_at IS NULL' })
@Check('legal_hold_reason', `reason <> ''`)
@Check('legal_hold_released', `(released_at IS NULL) = (released_by IS NULL)`)
export class LegalHold {
  @PrimaryColumn('uuid') id: string
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  @Column('uuid') mediaId: string
  @ManyToOne(() => Media, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'media_id' }) media: Relation<Media>
  @Column('text') reason: string
  /** Names the credential that applied it. */
  @Column('text') author: string
  @CreateDateColumn(time) createdAt: Date
  @Column(optionalTime) releasedAt: Date | null
  /** Names the credential that released it. */
  @Column('text', { nullable: true }) releasedBy: string | null
}
