import type { EntityManager } from 'typeorm'
import type { Sql } from '../../platform/db/database.ts'
import { isStorable } from '../../platform/lib/storable-text.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import type { Media } from './media.entity.ts'
import { IS_EXPIRED } from './media-expiry.ts'

/** What a media is called where everything has a name: its own, or its id and the name of its file. */
export const shownName = ({
  id,
  name,
  originalFileName,
}: Pick<Media, 'id' | 'name' | 'originalFileName'>): string => name ?? `${id}/${originalFileName}`

/** A name, and whose. */
export interface MediaName {
  readonly accountId: string
  /** As `shownName` writes it. */
  readonly name: string
}

/** Names of media whose time is over, and that nobody has taken out of the lists yet. */
export interface ExpiredNames {
  /**
   * Lets the media that has the name go as the sweep would, if it has expired: for the transaction that gives the name to a new media.
   * Of one that somebody has extended or holds a moment ago the name stays taken.
   */
  free(tx: EntityManager, named: MediaName): Promise<void>
}

/** Finds media by the names that they are shown by. What may be done with one that is found, the policy says. */
export class MediaNames {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** The media of the account that is shown by this name; null where there is none, or its time is over. */
  idOf(named: MediaName): Promise<string | null> {
    return idByName(this.deps.database, named, '')
  }
}

/** The same within a transaction, until whose end nobody can rename, delete, extend or hold it, nor the one whose time is over. */
export const lockByName = (tx: EntityManager, named: MediaName): Promise<string | null> =>
  idByName(tx, named, 'FOR NO KEY UPDATE')

async function idByName(
  sql: Pick<Sql, 'query'> | EntityManager,
  { accountId, name }: MediaName,
  locking: '' | 'FOR NO KEY UPDATE',
): Promise<string | null> {
  if (!isStorable(name)) return null
  const slash = name.indexOf('/')
  const id = name.slice(0, Math.max(slash, 0))
  // A name that somebody has given goes ahead of one that is only shown.
  const found: { id: string; isExpired: boolean }[] = await (sql as Sql).query(
    `SELECT m.id, ${IS_EXPIRED} AS "isExpired" FROM media m WHERE m.account_id = $1 AND m.deleted_at IS NULL
       AND (m.name = $2 OR (m.name IS NULL AND m.id = $3 AND m.original_file_name = $4))
     ORDER BY m.name IS NULL ${locking}`,
    [accountId, name, isUuid(id) ? id : null, name.slice(slash + 1)],
  )
  return found.find(({ isExpired }) => !isExpired)?.id ?? null
}
