import { Column, Entity, PrimaryColumn } from 'typeorm'

/** How far the scrubber has come in a store: with the rows of its blobs, and with the folders of its objects. */
@Entity('scrub_position')
export class ScrubPosition {
  @PrimaryColumn('text') storeId: string
  @Column('uuid') afterBlob: string
  @Column('int') nextFolder: number
}
