import { recordChange } from '../../../platform/audit/trail.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../../platform/db/keyset.ts'
import { type NestedList, NestedPages } from '../../../platform/db/nested-pages.ts'
import { SqlParameters } from '../../../platform/db/sql-builder.ts'
import { commonErrors } from '../../../platform/errors.ts'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { resultGone } from '../../../platform/idempotency/idempotency.errors.ts'
import type { Idempotency } from '../../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import { type Once, onlyOnce } from '../../../platform/idempotency/once.ts'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import type { LinkGrant } from '../../access/grant.ts'
import { authorize, can, demand, type MediaFacts, reachableMedia } from '../../access/policy.ts'
import type { Principal, Viewer } from '../../access/viewer.ts'
import { mediaNotFound } from '../../media/media.errors.ts'
import { type LinkTerms, linkTerms } from './link-terms.ts'

/** A share link as it may be shown: without its token. */
export interface ShareLinkRow {
  /** `shr_` and a UUID. */
  readonly id: string
  readonly mediaId: string
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
  /** 0 = any number. */
  readonly maxDownloads: number
  readonly timesDownloaded: number
  readonly revokedAt: Date | null
}

export interface NewShareLink extends LinkTerms {
  readonly mediaId: string
}

interface MadeLink {
  readonly link: ShareLinkRow
  readonly token: string | null
}

const COLUMNS = `'shr_' || s.id AS id, s.media_id AS "mediaId", s.created_by AS "createdBy", s.created_at AS "createdAt",
  s.expires_at AS "expiresAt", s.max_downloads AS "maxDownloads", s.times_downloaded::float8 AS "timesDownloaded",
  s.revoked_at AS "revokedAt"`

/** The prefix of a share link's global id. */
export const SHARE_LINK_PREFIX = 'shr_'

const NEWEST_FIRST: KeysetOrder = {
  name: 'share-links',
  keys: [
    { sql: 's.created_at', type: 'timestamptz' },
    { sql: 's.id', type: 'uuid' },
  ],
  descending: true,
}

const LINKS_OF_MEDIA: NestedList = {
  select: COLUMNS,
  from: 'share_link s',
  where: parent => `s.media_id = ${parent}`,
  order: NEWEST_FIRST,
}

const TOKEN = /^[0-9A-Za-z]{43}$/

const linkNotFound = () =>
  commonErrors.NOT_FOUND('There is no share link of this id that you may see.', { field: ['input', 'id'] })

/** Makes, lists, revokes and redeems share links. Nothing of a link is remembered: a revoked one ends at once, everywhere. */
export class ShareLinkService {
  readonly #pages: NestedPages<ShareLinkRow>

  constructor(
    private readonly deps: {
      readonly database: Database
      readonly idempotency: Pick<Idempotency, 'once'>
      readonly clock: Clock
      readonly newId: () => string
      /** A new secret of 43 characters in base62. */
      readonly newToken: () => string
      /** A keyed hash of 32 bytes. */
      readonly fingerprint: (text: string) => Buffer
    },
  ) {
    this.#pages = new NestedPages(deps)
  }

  /**
   * The new link, and its token, which is here for the only time: it is null when the same request has made the link before.
   * Throws NOT_FOUND, FORBIDDEN, INVALID_INPUT, IDEMPOTENCY_CONFLICT, IDEMPOTENCY_RESULT_GONE.
   */
  async create(viewer: Viewer, wanted: NewShareLink, keyed?: KeyedRequest): Promise<MadeLink> {
    const principal = authorize(viewer, 'share')
    const once = this.deps.idempotency.once(principal, keyed)
    return onlyOnce(once, {
      create: () => this.#make(principal, wanted, once),
      again: async id => {
        const link = (await this.getMany(viewer, [id])).get(id)
        if (!link) throw resultGone()
        return { link, token: null }
      },
    })
  }

  async #make(viewer: Principal, { mediaId, ...terms }: NewShareLink, once: Once): Promise<MadeLink> {
    const { expiresAt, maxDownloads } = linkTerms(terms, this.deps.clock.now())
    const media = isUuid(mediaId) ? await this.#facts(mediaId) : null
    if (!media || !(can(viewer, 'share', media) || can(viewer, 'read', media)))
      throw mediaNotFound(['input', 'mediaId'])
    demand(viewer, 'share', media)
    const token = this.deps.newToken()
    const id = this.deps.newId()
    const link = await this.deps.database.transaction(async tx => {
      await once.claim(tx, SHARE_LINK_PREFIX + id)
      const [row] = await tx.query<ShareLinkRow[]>(
        `INSERT INTO share_link AS s (id, media_id, token_hash, created_by, expires_at, max_downloads)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
        [id, mediaId, this.#hash(token), viewer.name, expiresAt, maxDownloads],
      )
      await recordChange(tx, {
        accountId: viewer.accountId,
        action: 'shareLink.created',
        subjectId: SHARE_LINK_PREFIX + id,
        details: { mediaId, expiresAt: expiresAt.toISOString(), maxDownloads },
      })
      return row as ShareLinkRow
    })
    return { link, token }
  }

  /** Ends a link for good; one that was revoked before keeps its time. Throws NOT_FOUND. */
  async revoke(viewer: Viewer, id: string): Promise<ShareLinkRow> {
    const principal = authorize(viewer, 'share')
    const [linkId] = uuidsOf([id])
    if (!linkId) throw linkNotFound()
    const p = new SqlParameters()
    const reached = `m.id = s.media_id AND s.id = ${p.add(linkId)} AND ${reachableMedia(principal, 'share', p)}`
    return this.deps.database.transaction(async tx => {
      const [[revoked]] = (await tx.query(
        `UPDATE share_link s SET revoked_at = clock_timestamp() FROM media m
         WHERE ${reached} AND s.revoked_at IS NULL RETURNING ${COLUMNS}`,
        p.values,
      )) as [ShareLinkRow[], number]
      if (revoked) {
        const { accountId } = principal
        const details = { mediaId: revoked.mediaId }
        await recordChange(tx, { accountId, action: 'shareLink.revoked', subjectId: id, details })
        return revoked
      }
      const [link] = await tx.query<ShareLinkRow[]>(
        `SELECT ${COLUMNS} FROM share_link s JOIN media m ON ${reached}`,
        p.values,
      )
      if (!link) throw linkNotFound()
      return link
    })
  }

  /** The links of a media, newest first, those that have ended included; for who may share it. For many media at a time one query. */
  async list(viewer: Viewer, media: MediaFacts, page: PageArguments): Promise<Connection<ShareLinkRow>> {
    demand(viewer, 'share', media)
    return this.#pages.load(viewer, { list: LINKS_OF_MEDIA, parent: media.id, page: pageRequest(page) })
  }

  /** The links of these ids that the viewer may see, by id. */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<Map<string, ShareLinkRow>> {
    const principal = authorize(viewer, 'share')
    const p = new SqlParameters()
    const links = await this.deps.database.query<ShareLinkRow>(
      `SELECT ${COLUMNS} FROM share_link s JOIN media m ON m.id = s.media_id
       WHERE s.id = ANY (${p.add(uuidsOf(ids), 'uuid[]')}) AND ${reachableMedia(principal, 'share', p)}`,
      p.values,
    )
    return new Map(links.map(link => [link.id, link]))
  }

  /** What a token opens now; null for one that is unknown, has expired, was revoked, or whose media is gone. */
  async redeem(token: string): Promise<LinkGrant | null> {
    if (!TOKEN.test(token)) return null
    const [grant] = await this.deps.database.query<LinkGrant>(
      `SELECT 'link' AS kind, s.id AS "linkId", s.media_id AS "mediaId", s.max_downloads AS "maxDownloads"
       FROM share_link s JOIN media m ON m.id = s.media_id AND m.deleted_at IS NULL
       WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()`,
      [this.#hash(token)],
    )
    return grant ?? null
  }

  async #facts(mediaId: string): Promise<MediaFacts | null> {
    const [media] = await this.deps.database.query<MediaFacts>(
      `SELECT id, account_id AS "accountId", owner_id AS "ownerId", group_ids AS "groupIds", public,
              open_holds AS "openHolds"
       FROM media WHERE id = $1 AND deleted_at IS NULL`,
      [mediaId],
    )
    return media ?? null
  }

  #hash(token: string): Buffer {
    return this.deps.fingerprint(`share ${token}`)
  }
}

const uuidsOf = (ids: readonly string[]): string[] =>
  ids
    .filter(id => id.startsWith(SHARE_LINK_PREFIX))
    .map(id => id.slice(SHARE_LINK_PREFIX.length))
    .filter(isUuid)
