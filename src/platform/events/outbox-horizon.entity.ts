import { Check, Column, Entity, PrimaryColumn } from 'typeorm'

/** One row: up to which transaction events have been removed. Who has not seen all below it may have missed some. */
@Entity('outbox_horizon')
@Check('outbox_horizon_one', 'id = 1')
export class OutboxHorizon {
  @PrimaryColumn('int') id: number
  @Column('bigint') xid: string
}
