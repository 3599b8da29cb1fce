import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm'
import { optionalTime, time } from '../../../platform/db/columns.ts'
import { Account } from '../../access/account.entity.ts'

/** That a media went for good, by whose word, and whether its bytes have: all that stays of it. */
@Entity('purge')
@Index('purge_open', ['requestedAt'], { where: 'purged_at IS NULL' })
@Check('purge_groups', `purged_at IS NULL OR group_ids = '{}'`)
export class Purge {
  @PrimaryColumn('uuid') mediaId: string
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  /** By it is decided who may ask for it. */
  @Column('uuid', { nullable: true }) ownerId: string | null
  /** By these is decided who hears that the bytes are gone; with that they go, too. */
  @Column('text', { array: true, default: () => `'{}'` }) groupIds: string[]
  /** Names the credential, or the job. */
  @Column('text') requestedBy: string
  @Column({ ...time, default: () => 'now()' }) requestedAt: Date
  @Column(optionalTime) purgedAt: Date | null
}
