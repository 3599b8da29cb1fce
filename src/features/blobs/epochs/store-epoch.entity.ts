import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../../../platform/db/columns.ts'

/** An epoch of a store that this database has begun, or was told to be its own. Its object is `epoch/<id>`. */
@Entity('store_epoch')
@Index('store_epoch_store', ['storeId', 'beganAt'])
export class StoreEpoch {
  @PrimaryColumn('uuid') id: string
  @Column('text') storeId: string
  /** Whether the store had its object; of one that was broken off before, nobody can say that the store has lost it. */
  @Column('boolean', { default: false }) isStored: boolean
  @CreateDateColumn(time) beganAt: Date
}
