import { Check, Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'
import { safeInteger, time } from '../../platform/db/columns.ts'

/** A tenant. Every row of the library belongs to one, and none sees another. */
@Entity('account')
@Check('account_id_form', `id ~ '^[A-Za-z0-9_-]{1,64}$'`)
@Check('account_used', `used_bytes >= 0`)
@Check('account_reserved', `reserved_bytes >= 0`)
@Check('account_used_items', `used_items >= 0`)
@Check('account_quota_bytes', `quota_bytes >= -1`)
@Check('account_quota_items', `quota_items >= -1`)
export class Account {
  /** Chosen by the operator: letters, digits, `-` and `_`, at most 64. */
  @PrimaryColumn('text') id: string
  @Column('text') name: string
  /** Sum of the sizes of its blobs: what its bytes take up, until they are gone. */
  @Column('bigint', { default: 0, transformer: safeInteger }) usedBytes: number
  /** Sum of what its unfinished uploads have announced. */
  @Column('bigint', { default: 0, transformer: safeInteger }) reservedBytes: number
  /** How many media it has, those in the trash included. */
  @Column('bigint', { default: 0, transformer: safeInteger }) usedItems: number
  /** Most bytes that it may use; -1 any number, null what the configuration says. */
  @Column('bigint', { nullable: true, transformer: safeInteger }) quotaBytes: number | null
  /** Most media that it may have; likewise. */
  @Column('bigint', { nullable: true, transformer: safeInteger }) quotaItems: number | null
  @CreateDateColumn(time) createdAt: Date
}
