import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../../platform/db/columns.ts'

/** Which checkpoints lie in which store: one of them that is missing there was removed. */
@Entity('audit_checkpoint')
@Index('audit_checkpoint_account', ['accountId', 'number'])
export class AuditCheckpoint {
  @PrimaryColumn('text') key: string
  @Column('text') storeId: string
  @Column('text') accountId: string
  @Column('bigint') number: string
  @Column({ ...time, default: () => 'clock_timestamp()' }) writtenAt: Date
}
