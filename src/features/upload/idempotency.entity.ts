import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../../platform/db/columns.ts'

/** One creating request that a client may repeat: the same key and request give the same answer. */
@Entity('idempotency')
@Index('idempotency_created', ['createdAt'])
export class Idempotency {
  @PrimaryColumn('text') accountId: string
  /** Who asked: two principals of an account do not share keys. */
  @PrimaryColumn('text') principal: string
  @PrimaryColumn('text') key: string
  @Column('text') requestHash: string
  @Column('uuid', { nullable: true }) mediaId: string | null
  @CreateDateColumn(time) createdAt: Date
}
