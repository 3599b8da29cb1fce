import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm'
import { Media } from './media.entity.ts'

/** One tag of one media that is not deleted, kept by triggers from `media.tags`: an array cannot be listed in order. */
@Entity('media_tag')
export class MediaTag {
  @PrimaryColumn('uuid') mediaId: string
  @ManyToOne(() => Media, { onDelete: 'CASCADE' }) @JoinColumn({ name: 'media_id' }) media: Relation<Media>
  @PrimaryColumn('text') tag: string
  @Column('text') accountId: string
}
