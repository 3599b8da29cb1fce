import { Column, CreateDateColumn, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm'
import { safeInteger, time } from '../../../platform/db/columns.ts'
import { Media } from '../../media/media.entity.ts'

/** Where a pending media will come from. Kept apart from its job, whose payload is logged: a URL may carry a secret. */
@Entity('media_import')
export class MediaImport {
  @PrimaryColumn('uuid') mediaId: string
  @OneToOne(() => Media, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'media_id' }) media: Relation<Media>
  @Column('text') url: string
  /** What the user calls the file; null leaves it to the server's answer. */
  @Column('text', { nullable: true }) fileName: string | null
  /** The store that was asked for; null where the operator's rules decide. */
  @Column('text', { nullable: true }) storeId: string | null
  /** Of the present attempt. */
  @Column('bigint', { default: 0, transformer: safeInteger }) receivedBytes: number
  /** What the server of the URL has announced. */
  @Column('bigint', { nullable: true, transformer: safeInteger }) totalBytes: number | null
  @Column('int', { default: 0 }) attempts: number
  @CreateDateColumn(time) createdAt: Date
}
