import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm'
import { optionalTime, safeInteger, time } from '../../platform/db/columns.ts'

/** `staged`: being written under a lease · `live`: complete and owned by a row · `doomed`: to be removed · `lost`: live once, its object is gone or another one. */
export const BLOB_STATES = ['staged', 'live', 'doomed', 'lost'] as const
export type BlobState = (typeof BLOB_STATES)[number]

/** The row that every object in a store has from before its first byte until after its last. */
@Entity('blob')
@Index('blob_staged_lease', ['leaseUntil'], { where: `state = 'staged'` })
@Index('blob_doomed_at', ['doomAt'], { where: `state = 'doomed'` })
@Index('blob_lost', ['storeId'], { where: `state = 'lost'` })
@Index('blob_account', ['accountId'])
@Index('blob_of_media', ['ofMedia'], { where: 'of_media IS NOT NULL' })
@Index('blob_of_content', ['accountId', 'ofContent'], { where: 'of_content IS NOT NULL' })
@Check('blob_state', `state IN ('staged', 'live', 'doomed', 'lost')`)
@Check('blob_size', `size >= 0`)
@Check('blob_sha256', `sha256 ~ '^[0-9a-f]{64}$'`)
@Check('blob_live', `state <> 'live' OR (size IS NOT NULL AND sha256 IS NOT NULL)`)
@Check('blob_staged', `state <> 'staged' OR lease_until IS NOT NULL`)
@Check('blob_doomed', `state <> 'doomed' OR doom_at IS NOT NULL`)
export class Blob {
  @PrimaryColumn('uuid') id: string
  @Column('text') accountId: string
  @Column('text') storeId: string
  @Column('text', { unique: true }) key: string
  @Column('text') state: BlobState
  /** Handle of a resumable or multipart write at the store, so that it can be aborted after a crash. */
  @Column('text', { nullable: true }) multipartId: string | null
  @Column('bigint', { nullable: true, transformer: safeInteger }) size: number | null
  @Column('text', { nullable: true }) sha256: string | null
  @Column(optionalTime) leaseUntil: Date | null
  /** Grows whenever the lease changes hands; who holds an older one can no longer commit. */
  @Column('int', { default: 1 }) fence: number
  @Column(optionalTime) doomAt: Date | null
  @Column('bigint', { default: 0, transformer: safeInteger }) reservedBytes: number
  /** Whose it was, once no row of that media has it; or whose it is to become. A purge waits for all that are of its media. */
  @Column('uuid', { nullable: true }) ofMedia: string | null
  /** SHA-256 of the content that it is a variant of. */
  @Column('text', { nullable: true }) ofContent: string | null
  @CreateDateColumn(time) createdAt: Date
}
