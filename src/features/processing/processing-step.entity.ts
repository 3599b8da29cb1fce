import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm'
import { time } from '../../platform/db/columns.ts'
import { Media } from '../media/media.entity.ts'
import type { StepName, StepState } from './step.ts'

/** How far one step has come with the content that a media has now, or had when the step began. */
@Entity('processing_step')
@Index('processing_step_failed', ['step', 'reason'], { where: `state = 'FAILED'` })
@Check('processing_step_state', `state IN ('WAITING', 'RUNNING', 'DONE', 'SKIPPED', 'FAILED')`)
export class ProcessingStep {
  @PrimaryColumn('uuid') mediaId: string
  @ManyToOne(() => Media, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'media_id' }) media: Relation<Media>
  @PrimaryColumn('text') step: StepName
  @Column('int') contentVersion: number
  @Column('text') state: StepState
  @Column('text', { nullable: true }) reason: string | null
  /** For people who look for the cause. */
  @Column('text', { nullable: true }) detail: string | null
  @Column({ ...time, default: () => 'now()' }) updatedAt: Date
}
