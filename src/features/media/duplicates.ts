import DataLoader from 'dataloader'
import type { EntityManager } from 'typeorm'
import type { Sql } from '../../platform/db/database.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { timesAsText } from '../../platform/db/type-parsers.ts'
import { authorize, reachableMedia } from '../access/policy.ts'
import { hasScope, type Principal, type Viewer } from '../access/viewer.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from './media.row.ts'
import type { Columns } from './media.service.ts'
import { IS_EXPIRED } from './media-expiry.ts'

interface Wanted {
  readonly id: string
  readonly columns: Columns
}

const OLDEST: SqlText = 'ORDER BY m.created_at, m.id LIMIT 1'

/**
 * The oldest media of the account that the viewer may read and whose present content has this hash, as the transaction sees it;
 * null without one, and for who may read nothing. What has expired has it no more: whoever brings the content shall not be sent there.
 */
export async function oldestWithContent(
  tx: EntityManager,
  viewer: Principal,
  sha256: string,
): Promise<MediaRow | null> {
  if (!hasScope(viewer, 'media:read')) return null
  const p = new SqlParameters()
  const [media] = await tx.query<MediaRow[]>(
    `SELECT ${selectList(ALL_COLUMNS)} FROM media m
     WHERE ${reachableMedia(viewer, 'read', p)} AND m.sha256 = ${p.add(sha256)} AND NOT ${IS_EXPIRED}
     ${OLDEST}`,
    p.values,
  )
  return media ?? null
}

type Loader = DataLoader<Wanted, MediaRow | null>

/** Tells of media whether their content was in the account before. Nothing is remembered between statements. */
export class Duplicates {
  readonly #loaders = new WeakMap<Principal, Loader>()

  constructor(private readonly deps: { readonly database: Sql }) {}

  /**
   * The oldest media of the account that the viewer may read and whose present content is that of this media, byte for byte;
   * null when there is none that is older. Many at once are one statement.
   */
  async duplicateOf(viewer: Viewer, id: string, columns: Columns): Promise<MediaRow | null> {
    const principal = authorize(viewer, 'read')
    const known = this.#loaders.get(principal)
    const loader: Loader = known ?? new DataLoader(wanted => this.#load(principal, wanted), { cache: false })
    if (!known) this.#loaders.set(principal, loader)
    return loader.load({ id, columns })
  }

  async #load(viewer: Principal, wanted: readonly Wanted[]): Promise<(MediaRow | null)[]> {
    const byColumns = Map.groupBy(wanted, ({ columns }) => columns)
    const found = new Map<Columns, ReadonlyMap<string, MediaRow>>()
    for (const [columns, group] of byColumns) {
      const ids = [...new Set(group.map(({ id }) => id))]
      found.set(columns, await this.#find(viewer, ids, columns))
    }
    return wanted.map(({ id, columns }) => found.get(columns)?.get(id) ?? null)
  }

  async #find(
    viewer: Principal,
    ids: readonly string[],
    columns: Columns,
  ): Promise<ReadonlyMap<string, MediaRow>> {
    const p = new SqlParameters()
    const rows = await this.deps.database.query<MediaRow & { duplicate_id: string }>(
      `SELECT own.id AS duplicate_id, older.* FROM media own CROSS JOIN LATERAL (
         SELECT ${selectList(columns)} FROM media m
         WHERE ${reachableMedia(viewer, 'read', p)} AND m.sha256 = own.sha256
           AND (m.created_at, m.id) < (own.created_at, own.id)
         ${OLDEST}) AS older
       WHERE own.id = ANY (${p.add(ids, 'uuid[]')})`,
      p.values,
      timesAsText,
    )
    return new Map(rows.map(row => [row.duplicate_id, row]))
  }
}
