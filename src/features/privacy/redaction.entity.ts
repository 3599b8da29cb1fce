import { Column, Entity, PrimaryColumn } from 'typeorm'
import { time } from '../../platform/db/columns.ts'
import type { KeptPatch } from './redaction/patch.ts'

/** What has to be written over some content before the public gets it: found once, since bytes never change. */
@Entity('redaction')
export class Redaction {
  @PrimaryColumn('text') accountId: string
  /** SHA-256 of the content in lower-case hex. */
  @PrimaryColumn('text') sha256: string
  /** Which method has found it. */
  @Column('int') method: number
  /** Null: nobody can say what to take out. */
  @Column('jsonb', { nullable: true }) patches: readonly KeptPatch[] | null
  @Column({ ...time, default: () => 'now()' }) createdAt: Date
}
