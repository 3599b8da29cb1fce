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
import { Account } from '../account.entity.ts'
import type { Algorithm } from './verify-token.ts'

/** A program of an account that signs its own tokens; the gateway knows its public key alone. */
@Entity('application')
@Check('application_id_form', `id ~ '^[A-Za-z0-9_-]{1,64}$'`)
@Check('application_algorithm', `algorithm IN ('RS256', 'ES256', 'EdDSA')`)
@Index('application_account', ['accountId', 'createdAt', 'id'])
export class Application {
  /** What its tokens say in the claim `application_id`; unique over all accounts. */
  @PrimaryColumn('text') id: string
  @Column('text') accountId: string
  @ManyToOne(() => Account) @JoinColumn({ name: 'account_id' }) account: Relation<Account>
  @Column('text') name: string
  /** SubjectPublicKeyInfo in PEM. */
  @Column('text') publicKey: string
  /** Bound to the key when it is registered: a token does not choose. */
  @Column('text') algorithm: Algorithm
  @Column('text', { array: true }) scopes: string[]
  @CreateDateColumn(time) createdAt: Date
  @Column(optionalTime) revokedAt: Date | null
}
