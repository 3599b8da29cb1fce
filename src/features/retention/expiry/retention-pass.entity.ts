import { Check, Column, Entity, PrimaryColumn } from 'typeorm'
import { optionalTime } from '../../../platform/db/columns.ts'

/** One row: which rules have been applied to the media that are there, and how far. */
@Entity('retention_pass')
@Check('retention_pass_one', 'id = 1')
export class RetentionPass {
  @PrimaryColumn('int') id: number
  /** The fingerprint of the rules. */
  @Column('text') rules: string
  /** The last media that was looked at; null: none yet. */
  @Column('uuid', { nullable: true }) afterId: string | null
  /** Null while it goes on. */
  @Column(optionalTime) finishedAt: Date | null
}
