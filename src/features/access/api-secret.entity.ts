import { Check, Column, CreateDateColumn, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm'
import { optionalTime, time } from '../../platform/db/columns.ts'
import { ApiKey } from './api-key.entity.ts'
import type { StoredSecret } from './secret-hashes.ts'

/** What proves that somebody holds a key; a key has two at most at any time. A secret itself is never stored. */
@Entity('api_secret')
@Index('api_secret_key', ['keyId'])
@Index('api_secret_token', ['hash'], { unique: true, where: `kind = 'token'` })
@Check('api_secret_kind', `kind IN ('secret', 'token')`)
@Check('api_secret_algorithm', `algorithm IN ('hmac', 'argon2id')`)
@Check('api_secret_salt', `(algorithm = 'argon2id') = (salt IS NOT NULL)`)
@Check('api_secret_findable', `kind <> 'token' OR algorithm = 'hmac'`)
export class ApiSecret implements StoredSecret {
  @PrimaryColumn('uuid') id: string
  @Column('text') keyId: string
  @ManyToOne(() => ApiKey, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'key_id' }) key: ApiKey
  /** `secret`: comes with its key's id · `token`: comes alone, and is found by its hash. */
  @Column('text') kind: 'secret' | 'token'
  @Column('text') algorithm: StoredSecret['algorithm']
  @Column('bytea') hash: Buffer
  @Column('bytea', { nullable: true }) salt: Buffer | null
  @CreateDateColumn(time) createdAt: Date
  /** Null = it lives as long as its key. */
  @Column(optionalTime) expiresAt: Date | null
}
