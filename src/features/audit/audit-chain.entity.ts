import { Check, Column, Entity, PrimaryColumn } from 'typeorm'

/** How far the log of an account is sealed, and where it begins since older rows were removed. */
@Entity('audit_chain')
@Check('audit_chain_order', 'base_number <= checkpoint_number AND checkpoint_number <= number')
@Check(
  'audit_chain_base',
  '(base_number = 0) = (base_mac IS NULL) AND (base_number = 0) = (base_key_id IS NULL)',
)
export class AuditChain {
  @PrimaryColumn('text') accountId: string
  /** Of the last row that was sealed, and so how many there have ever been. */
  @Column('bigint', { default: 0 }) number: string
  @Column('bytea') seal: Buffer
  /** What the last checkpoint in the store stands for. */
  @Column('bigint', { default: 0 }) checkpointNumber: string
  /** Rows up to this one were removed by their age. */
  @Column('bigint', { default: 0 }) baseNumber: string
  /** The seal of the last of them. */
  @Column('bytea') baseSeal: Buffer
  @Column('text', { nullable: true }) baseKeyId: string | null
  /** Proves that it was the gateway who removed them. */
  @Column('bytea', { nullable: true }) baseMac: Buffer | null
}
