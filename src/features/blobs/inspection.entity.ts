import { Column, Entity, PrimaryColumn } from 'typeorm'
import { safeInteger, time } from '../../platform/db/columns.ts'
import type { FindingCount } from './inspections.ts'

/** What the last inspection of a source has found; metrics tell it. */
@Entity('inspection')
export class Inspection {
  @PrimaryColumn('text') source: string
  @Column(time) endedAt: Date
  @Column('bigint', { transformer: safeInteger }) hashedBytes: number
  @Column('jsonb') findings: FindingCount[]
}
