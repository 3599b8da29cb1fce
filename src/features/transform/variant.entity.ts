import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm'
import { time } from '../../platform/db/columns.ts'
import { Blob } from '../blobs/blob.entity.ts'

/** A transformed rendition of some content, found by what it was made from: a stale one cannot exist. */
@Entity('variant')
@Index('variant_last_used', ['lastUsedAt'])
export class Variant {
  @PrimaryColumn('text') accountId: string
  /** SHA-256 of the content that it was made from. */
  @PrimaryColumn('text') sha256: string
  /** Canonical form of the transformation. */
  @PrimaryColumn('text') recipe: string
  @Column('uuid') blobId: string
  @ManyToOne(() => Blob) @JoinColumn({ name: 'blob_id' }) blob: Relation<Blob>
  @Column('text') mimeType: string
  /** Pixels. */
  @Column('int') width: number
  @Column('int') height: number
  @CreateDateColumn(time) createdAt: Date
  /** Known to the hour, so that a download does not write. */
  @Column({ ...time, default: () => 'now()' }) lastUsedAt: Date
}
