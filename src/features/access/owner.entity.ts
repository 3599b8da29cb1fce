import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
  Unique,
} from 'typeorm'
import { time } from '../../platform/db/columns.ts'
import { Account } from './account.entity.ts'

/** A person or system within an account that media belong to; known outside by its external id. */
@Entity('owner')
@Unique(['accountId', 'externalId'])
export class Owner {
  @PrimaryColumn('uuid') id: string
  /** For systems whose users have integer ids. */
  @Column({ type: 'int', generated: 'identity', unique: true }) number: number
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  @Column('text') externalId: string
  @Column('text') name: string
  @CreateDateColumn(time) createdAt: Date
}
