import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm'
import { optionalTime, time } from '../../../platform/db/columns.ts'
import { Account } from '../../access/account.entity.ts'
import type { DisabledReason } from './webhook.row.ts'

/** Where an account wants to be told of events, and how far it has been. Its secret is not stored: it is derived from the salt. */
@Entity('webhook')
@Index('webhook_account', ['accountId', 'createdAt', 'id'])
@Check('webhook_secret_salt', `octet_length(secret_salt) = 16`)
@Check('webhook_disabled_reason', `disabled_reason IN ('REQUESTED', 'FAILING', 'GONE')`)
@Check('webhook_disabled', `(disabled_at IS NULL) = (disabled_reason IS NULL)`)
@Check('webhook_old_secret', `(old_secret_salt IS NULL) = (old_secret_until IS NULL)`)
export class Webhook {
  @PrimaryColumn('uuid') id: string
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  @Column('text') url: string
  @Column('text', { default: '' }) description: string
  /** Names as the outbox has them; null = all. */
  @Column('text', { array: true, nullable: true }) eventTypes: string[] | null
  /** A MediaFilter as it was given. */
  @Column('jsonb', { nullable: true }) filter: object | null
  @Column('int') payloadVersion: number
  @Column('bytea') secretSalt: Buffer
  /** Of the secret before, which signs, too, until then. */
  @Column('bytea', { nullable: true }) oldSecretSalt: Buffer | null
  @Column(optionalTime) oldSecretUntil: Date | null
  /** Names the credential that made it. */
  @Column('text') createdBy: string
  @CreateDateColumn(time) createdAt: Date
  @Column({ ...time, default: () => 'now()' }) updatedAt: Date
  @Column(optionalTime) disabledAt: Date | null
  @Column('text', { nullable: true }) disabledReason: DisabledReason | null
  /** Attempts that have failed since one was taken. */
  @Column('int', { default: 0 }) failures: number
  @Column(optionalTime) failingSince: Date | null
  /** Until then its receiver has asked for peace. */
  @Column(optionalTime) pausedUntil: Date | null
  /** The snapshot up to which the outbox was read for it: see position.ts. */
  @Column('bigint') seenNext: string
  @Column('bigint', { array: true }) seenRunning: string[]
  /** Where a page of a long reading has ended, as a cursor. */
  @Column('text', { nullable: true }) reading: string | null
  @Column({ ...time, default: () => 'now()' }) lookedAt: Date
  /** Up to which horizon of the outbox the receiver was told of a gap, and when. */
  @Column('bigint', { default: 0 }) gapHorizon: string
  @Column(optionalTime) gapAt: Date | null
}
