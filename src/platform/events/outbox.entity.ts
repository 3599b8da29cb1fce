import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../db/columns.ts'

/**
 * What happened, written in the transaction that made it happen. Read by which transactions were visible when: a plain
 * sequence would lose the event of a transaction that commits late (`event-log.ts`).
 */
@Entity('outbox')
@Index('outbox_order', ['xid', 'seq'])
@Index('outbox_account', ['accountId', 'xid', 'seq'])
@Index('outbox_account_seq', ['accountId', 'seq'])
export class OutboxEvent {
  @PrimaryColumn('uuid') id: string
  /** Of the transaction that wrote it. */
  @Column('bigint') xid: string
  @Column({ type: 'bigint', generated: 'identity' }) seq: string
  @Column('text') accountId: string
  @Column('text') type: string
  @Column('uuid', { nullable: true }) mediaId: string | null
  @Column('jsonb', { default: () => `'{}'` }) payload: Record<string, unknown>
  @Column({ ...time, default: () => 'now()' }) occurredAt: Date
}
