import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm'
import { optionalTime, time } from '../../platform/db/columns.ts'
import { Account } from './account.entity.ts'
import { Owner } from './owner.entity.ts'

/** A credential of an account: what it may do, and for whom. By what it is proved stands in ApiSecret. */
@Entity('api_key')
@Index('api_key_account', ['accountId'])
export class ApiKey {
  /** Unique over all accounts: with Basic authentication it is the only name that a client gives. */
  @PrimaryColumn('text') id: string
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  @Column('text') label: string
  @Column('text', { array: true }) scopes: string[]
  /** For whom the key acts, if for somebody. */
  @Column('uuid', { nullable: true }) ownerId: string | null
  @ManyToOne(() => Owner) @JoinColumn({ name: 'owner_id' }) owner: Relation<Owner> | null
  @Column('text', { array: true, default: () => `'{}'` }) groupIds: string[]
  @CreateDateColumn(time) createdAt: Date
  @Column(optionalTime) expiresAt: Date | null
  @Column(optionalTime) revokedAt: Date | null
  /** Exact to a minute. */
  @Column(optionalTime) lastUsedAt: Date | null
}
