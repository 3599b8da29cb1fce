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
import { Media } from '../media/media.entity.ts'
import { Collection } from './collection.entity.ts'

/** The place of one media in one collection. */
@Entity('collection_media')
@Index('collection_media_order', ['collectionId', 'position', 'mediaId'])
@Index('collection_media_of_media', ['mediaId', 'collectionId'])
export class CollectionMedia {
  @PrimaryColumn('uuid') collectionId: string
  @ManyToOne(() => Collection, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'collection_id' })
  collection: Relation<Collection>
  @PrimaryColumn('uuid') mediaId: string
  @ManyToOne(() => Media, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'media_id' }) media: Relation<Media>
  /** Grows along the collection, with gaps; a text, for it may be larger than a number holds. */
  @Column('bigint') position: string
  @CreateDateColumn(time) addedAt: Date
}
