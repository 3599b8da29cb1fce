import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../../../platform/db/columns.ts'

/** A counted download that its client may go on with. */
@Entity('download_session')
@Index('download_session_counted', ['countedAt'])
@Check('download_session_id', `octet_length(id) = 32`)
export class DownloadSession {
  /** Keyed hash of who downloads what; it tells neither. */
  @PrimaryColumn('bytea') id: Buffer
  @Column(time) countedAt: Date
  /** Nothing but a first byte or two was sent: the next request from the start is still the same download. */
  @Column('boolean') probed: boolean
}
