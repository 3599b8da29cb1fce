import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm'
import { optionalTime, safeInteger, time } from '../../../platform/db/columns.ts'
import { UploadTicket } from '../tickets/upload-ticket.entity.ts'

/** `whole`: a file by itself · `partial`: a piece of one (Concatenation, tus 1.0) · `final`: the file that pieces make. */
export type TusKind = 'whole' | 'partial' | 'final'
/** `open`: bytes may come · `finished`: all have come, and are what they were for · `ended`: given up, its bytes are gone. */
export type TusState = 'open' | 'finished' | 'ended'

/** A resumable upload (tus 1.0), and the lock by which one request at a time has it, at whatever node. */
@Entity('tus_upload')
@Index('tus_upload_expires', ['expiresAt'])
@Index('tus_upload_ticket', ['ticketId'])
@Index('tus_upload_media', ['mediaId'], { where: 'media_id IS NOT NULL' })
@Index('tus_upload_by_parts', ['partIds'], { where: `kind = 'final'`, type: 'hash' })
@Check('tus_upload_kind', `kind IN ('whole', 'partial', 'final')`)
@Check('tus_upload_length', `length >= 0`)
@Check('tus_upload_state', `state IN ('open', 'finished', 'ended')`)
@Check('tus_upload_parts', `(kind = 'final') = (part_ids IS NOT NULL)`)
export class TusUpload {
  @PrimaryColumn('uuid') id: string
  @Column('text') accountId: string
  @Column('text') principal: string
  @Column('uuid', { nullable: true }) ticketId: string | null
  @ManyToOne(() => UploadTicket, { nullable: true, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'ticket_id' })
  ticket: Relation<UploadTicket> | null
  /** Upload-Metadata as it came. */
  @Column('text') metadata: string
  @Column('text') kind: TusKind
  @Column('uuid', { array: true, nullable: true }) partIds: string[] | null
  /** Null until a deferred length is told. */
  @Column('bigint', { nullable: true, transformer: safeInteger }) length: number | null
  @Column('uuid', { nullable: true }) blobId: string | null
  @Column('text') state: TusState
  @Column('uuid', { nullable: true }) mediaId: string | null
  /** Bytes from here on came with a checksum that has not been compared yet; they go when nobody is at it any more. */
  @Column('bigint', { nullable: true, transformer: safeInteger }) unverifiedFrom: number | null
  /** Grows whenever the lock changes hands. */
  @Column('int', { default: 0 }) lockNumber: number
  @Column(optionalTime) lockedUntil: Date | null
  /** Somebody waits for the lock. */
  @Column('boolean', { default: false }) lockWanted: boolean
  /** A holder has never given the lock back: it may wake up and write once more, where it wrote before. */
  @Column('boolean', { default: false }) isTorn: boolean
  @Column(time) expiresAt: Date
  @CreateDateColumn(time) createdAt: Date
}
