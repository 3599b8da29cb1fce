import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../db/columns.ts'

/**
 * What was done, or asked for and refused. Written in the transaction of the change, sealed afterwards; the database itself refuses
 * to change or remove it. No foreign key: it outlives what it tells of.
 */
@Entity('audit_event')
@Index('audit_event_unsealed', ['accountId', 'seq'], { where: 'number IS NULL' })
@Index('audit_event_number', ['accountId', 'number'], { unique: true })
@Index('audit_event_flood', ['flood'], { unique: true })
@Index('audit_event_time', ['accountId', 'occurredAt', 'id'])
@Index('audit_event_principal', ['accountId', 'principal', 'occurredAt', 'id'])
@Index('audit_event_action', ['accountId', 'action', 'occurredAt', 'id'])
@Index('audit_event_subject', ['accountId', 'subjectId', 'occurredAt', 'id'], {
  where: 'subject_id IS NOT NULL',
})
@Index('audit_event_refused', ['accountId', 'occurredAt', 'id'], { where: `outcome = 'refused'` })
@Check('audit_event_outcome', `outcome IN ('done', 'refused')`)
@Check('audit_event_sealed', '(number IS NULL) = (seal IS NULL) AND (number IS NULL) = (key_id IS NULL)')
@Check('audit_event_count', 'count > 0')
export class AuditEvent {
  @PrimaryColumn('uuid') id: string
  /** The order of writing, by which rows are sealed. */
  @Column({ type: 'bigint', generated: 'identity' }) seq: string
  /** `''` for what concerns the installation, and no account. */
  @Column('text') accountId: string
  @Column({ ...time, default: () => 'clock_timestamp()' }) occurredAt: Date
  @Column('text') principal: string
  @Column('text') action: string
  @Column('text', { nullable: true }) subjectId: string | null
  @Column('text') outcome: 'done' | 'refused'
  /** Why it was refused: the code of the error. */
  @Column('text', { nullable: true }) code: string | null
  @Column('text', { nullable: true }) rule: string | null
  @Column('text', { nullable: true }) requestId: string | null
  @Column('jsonb', { default: () => `'{}'` }) details: Record<string, unknown>
  /** How often; above 1 for refusals that are alike and came within one minute. */
  @Column('integer', { default: 1 }) count: number
  /** What refusals have in common that are counted in one row. */
  @Column('text', { nullable: true }) flood: string | null
  /** Its place in the chain of its account; null until it is sealed. */
  @Column('bigint', { nullable: true }) number: string | null
  @Column('text', { nullable: true }) keyId: string | null
  @Column('bytea', { nullable: true }) seal: Buffer | null
}
