import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { time } from '../../platform/db/columns.ts'

/** Failed logins of late: how often, and until when that counts. */
@Entity('login_failure')
@Check('login_failure_subject', `octet_length(subject) = 32`)
@Check('login_failure_failures', `failures > 0`)
@Index('login_failure_until', ['until'])
export class LoginFailure {
  /** Digest of an address, or of an address and what it tried to log in as. */
  @PrimaryColumn('bytea') subject: Buffer
  @Column('integer') failures: number
  /** End of the window in which failures are counted; of the block, once there are too many. */
  @Column(time) until: Date
}
