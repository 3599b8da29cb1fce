import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Sql } from '../../platform/db/database.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import { resultGone } from '../../platform/idempotency/idempotency.errors.ts'
import { AlreadyMade } from '../../platform/idempotency/once.ts'
import { authorize, reachableMedia } from '../access/policy.ts'
import { hasScope, type Principal, type Viewer } from '../access/viewer.ts'
import { Media } from '../media/media.entity.ts'
import { type MediaFields, mediaColumns } from '../media/media.fields.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../media/media.row.ts'
import type { MediaDoor } from '../media/media-door.ts'
import type { ExpiryTerms } from '../media/media-expiry.ts'
import type { ExpiredNames } from '../media/media-names.ts'
import type { AccountQuotas } from '../usage/account-quotas.ts'
import type { ContentRows } from './content-rows.ts'
import { type DuplicatePolicy, soleDuplicate } from './duplicate-policy.ts'
import type { Arrived, Purpose } from './purpose.ts'
import { duplicateContent } from './upload.errors.ts'

/** How a media comes, whatever is said about it. */
export interface Entry {
  readonly door: MediaDoor
  /** KEEP without it. */
  readonly onDuplicate?: DuplicatePolicy
}

/** What is said of a media; by a function where some of it may come behind its bytes: asked at once, and again when they are there. */
export type Said = MediaFields | (() => MediaFields)

interface Wanted {
  readonly viewer: Principal
  /** What the user says about it, checked. */
  readonly columns: Readonly<Record<string, unknown>>
  readonly door: MediaDoor
  readonly id: string
}

/** Whether `media m` is as its upload made it. */
const AS_UPLOADED: SqlText = 'm.version = 1'
/** As its import made it: the content that came is a change of the row, and the only one. */
export const AS_IMPORTED: SqlText = `m.version = CASE m.status WHEN 'PENDING' THEN 1 ELSE 2 END`

/** Writes the rows of a media whose bytes have arrived. */
export class NewMedia {
  constructor(
    private readonly deps: {
      readonly database: Sql
      readonly outbox: Outbox
      readonly contents: ContentRows
      readonly expiry: Pick<ExpiryTerms, 'check' | 'begun'>
      readonly expiredNames: ExpiredNames
      readonly newId: () => string
      readonly quotas: Pick<AccountQuotas, 'demandItem'>
    },
  ) {}

  /**
   * A media of its own for the bytes, unless `onDuplicate` says otherwise and the viewer may read one that has them. Throws
   * UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT; `check` and `write` reject with INVALID_INPUT for a time that is past, and `write` with
   * DUPLICATE_CONTENT, QUOTA_EXCEEDED, and with AlreadyMade for the media to return.
   */
  purpose(asker: Viewer, said: Said, { door, onDuplicate = 'KEEP' }: Entry): Purpose {
    const viewer = authorize(asker, 'create')
    const columnsNow = () => mediaColumns(typeof said === 'function' ? said() : said)
    const first = columnsNow()
    let existing: MediaRow | null = null
    return {
      viewer,
      isNewItem: true,
      check: () => this.deps.expiry.check(this.deps.database, first),
      write: async (tx, arrived) => {
        const columns = typeof said === 'function' ? columnsNow() : first
        const id = this.deps.newId()
        const { sha256 } = arrived.content
        // Before the search: a request that comes twice shall find that it has come, not that its media is a duplicate.
        await arrived.once.claim(tx, id, sha256)
        existing = onDuplicate === 'KEEP' ? null : await soleDuplicate(tx, viewer, sha256)
        if (existing)
          throw onDuplicate === 'REFUSE' ? duplicateContent(existing.id) : new AlreadyMade(existing.id)
        await this.deps.expiry.check(tx, columns)
        this.deps.quotas.demandItem(arrived.items)
        return this.#insert(tx, { viewer, columns, door, id }, arrived)
      },
      // As it was found: it may be deleted since, and the bytes to make another one of are gone.
      again: async id => (existing?.id === id ? existing : this.again(viewer, id)),
    }
  }

  /** The media, its first version and its event. */
  async #insert(
    tx: EntityManager,
    { viewer, columns, door, id }: Wanted,
    arrived: Arrived,
  ): Promise<MediaRow> {
    const { accountId } = viewer
    if (typeof columns.name === 'string')
      await this.deps.expiredNames.free(tx, { accountId, name: columns.name })
    await tx.insert(Media, {
      ...this.deps.contents.columns(arrived),
      // A type that somebody says by name is stronger than the one that came with the bytes.
      ...columns,
      id,
      hash: randomUUID(),
      accountId,
      ownerId: viewer.ownerId,
      applicationId: viewer.applicationId,
      door,
    })
    await this.deps.contents.remember(tx, arrived, { mediaId: id, n: 1 })
    await this.deps.outbox.append(tx, { accountId, type: 'media.created', mediaId: id })
    const [media] = await tx.query(`SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = $1`, [id])
    return this.deps.expiry.begun(tx, media)
  }

  /** The media whose content this blob is, or was: what a commit has made whose answer was lost. */
  async find(blobId: string): Promise<MediaRow | null> {
    const rows = await this.deps.database.query<MediaRow>(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m JOIN media_version v ON v.media_id = m.id WHERE v.blob_id = $1`,
      [blobId],
    )
    return rows[0] ?? null
  }

  /**
   * The media that the viewer has made before, as it is now; who may not read it gets it as long as it is as it was made. Throws
   * IDEMPOTENCY_RESULT_GONE.
   */
  async again(viewer: Principal, id: string, asMade = AS_UPLOADED): Promise<MediaRow> {
    const p = new SqlParameters()
    const isMine = `m.account_id = ${p.add(viewer.accountId)} AND m.deleted_at IS NULL`
    const mayRead = hasScope(viewer, 'media:read') ? reachableMedia(viewer, 'read', p) : 'false'
    const [media] = await this.deps.database.query<MediaRow>(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = ${p.add(id)} AND ${isMine} AND (${asMade} OR ${mayRead})`,
      p.values,
    )
    if (!media) throw resultGone()
    return media
  }
}
