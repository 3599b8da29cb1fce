import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm'
import { optionalTime, time } from '../../../platform/db/columns.ts'
import { Webhook } from '../endpoints/webhook.entity.ts'
import type { Attempt, DeliveryState } from './delivery.row.ts'

/** One event for one webhook. What waits is sent in the order of `seq` where it is about the same media. */
@Entity('webhook_delivery')
@Index('webhook_delivery_event', ['webhookId', 'eventId'], { unique: true })
@Index('webhook_delivery_log', ['webhookId', 'createdAt', 'id'])
@Index('webhook_delivery_waiting', ['webhookId', 'seq'], { where: `state = 'WAITING'` })
@Index('webhook_delivery_media', ['webhookId', 'mediaId', 'seq'], { where: `state = 'WAITING'` })
@Index('webhook_delivery_dead', ['webhookId', 'createdAt', 'id'], { where: `state = 'DEAD'` })
@Index('webhook_delivery_settled_at', ['settledAt'], { where: 'settled_at IS NOT NULL' })
@Check('webhook_delivery_state', `state IN ('WAITING', 'DELIVERED', 'DEAD')`)
@Check('webhook_delivery_lease', `(lease IS NULL) = (leased_until IS NULL)`)
@Check('webhook_delivery_settled', `(settled_at IS NULL) = (state = 'WAITING')`)
export class WebhookDelivery {
  @PrimaryColumn('uuid') id: string
  @Column('uuid') webhookId: string
  @ManyToOne(() => Webhook, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'webhook_id' })
  webhook: Relation<Webhook>
  @Column({ type: 'bigint', generated: 'identity', generatedIdentity: 'BY DEFAULT' }) seq: string
  /** The same for every webhook that is told of it, and however often. */
  @Column('uuid') eventId: string
  @Column('text') type: string
  @Column('uuid', { nullable: true }) mediaId: string | null
  /** Of a notice, which is about no media: what it says. */
  @Column('jsonb', { nullable: true }) details: Record<string, unknown> | null
  @Column(time) occurredAt: Date
  @Column({ ...time, default: () => 'now()' }) createdAt: Date
  @Column('text', { default: 'WAITING' }) state: DeliveryState
  /** How often it was begun since it began to wait. */
  @Column('int', { default: 0 }) attempts: number
  @Column({ ...time, default: () => 'now()' }) nextAttemptAt: Date
  /** Who is sending it, and until when nobody else does. */
  @Column('uuid', { nullable: true }) lease: string | null
  @Column(optionalTime) leasedUntil: Date | null
  /** What became of the last attempts. */
  @Column('jsonb', { default: () => `'[]'` }) attemptLog: Attempt[]
  @Column(optionalTime) settledAt: Date | null
}
