import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../db/columns.ts'

/** What a request has made under its key, written in the transaction that made it. */
@Entity('idempotency')
@Index('idempotency_created', ['createdAt'])
export class IdempotencyRow {
  @PrimaryColumn('text') accountId: string
  /** Who asked: two principals of an account do not share keys. */
  @PrimaryColumn('text') principal: string
  @PrimaryColumn('text') key: string
  /** Which of the things that one request makes; 0 where it makes one. */
  @PrimaryColumn('int', { default: 0 }) item: number
  @Column('text') operation: string
  /** SHA-256 in hex of all that the request says, files by their own SHA-256. */
  @Column('text') requestHash: string
  /** What was made; the operation says what kind of thing it is. Never a secret. */
  @Column('text') resultId: string
  @CreateDateColumn(time) createdAt: Date
}
