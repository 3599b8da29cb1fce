import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm'
import { time } from '../../platform/db/columns.ts'
import { Account } from '../access/account.entity.ts'
import { Owner } from '../access/owner.entity.ts'

/** A named, ordered selection of an account's media. A media may be in any number of them. */
@Entity('collection')
export class Collection {
  /** UUIDv7. */
  @PrimaryColumn('uuid') id: string
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  /** Null: the account's own, for all of its credentials to see. */
  @Column('uuid', { nullable: true }) ownerId: string | null
  @ManyToOne(() => Owner) @JoinColumn({ name: 'owner_id' }) owner: Relation<Owner> | null
  @Column('text') name: string
  @Column('text', { nullable: true }) description: string | null
  @CreateDateColumn(time) createdAt: Date
  @Column({ ...time, default: () => 'now()' }) updatedAt: Date
}
