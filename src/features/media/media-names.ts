import type { EntityManager } from 'typeorm'
import type { Sql } from '../../platform/db/database.ts'
import { isStorable } from '../../platform/lib/storable-text.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import type { Media } from './media.entity.ts'

/** What a media is called where everything has a name: its own, or its id and the name of its file. */
export const shownName = ({
  id,
  name,
  originalFileName,
}: Pick<Media, 'id' | 'name' | 'originalFileName'>): string => name ?? `${id}/${originalFileName}`

interface Named {
  readonly accountId: string
  /** As `shownName` writes it. */
  readonly name: string
}

/** Finds media by the names that they are shown by. What may be done with one that is found, the policy says. */
export class MediaNames {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** The media of the account that is shown by this name; null where there is none. */
  idOf(named: Named): Promise<string | null> {
    return idByName(this.deps.database, named, '')
  }
}

/** The same within a transaction, which nobody can rename or delete it until its end. */
export const lockByName = (tx: EntityManager, named: Named): Promise<string | null> =>
  idByName(tx, named, 'FOR NO KEY UPDATE')

async function idByName(
  sql: Pick<Sql, 'query'> | EntityManager,
  { accountId, name }: Named,
  locking: '' | 'FOR NO KEY UPDATE',
): Promise<string | null> {
  if (!isStorable(name)) return null
  const slash = name.indexOf('/')
  const id = name.slice(0, Math.max(slash, 0))
  // A name that somebody has given goes ahead of one that is only shown.
  const [media]: { id: string }[] = await (sql as Sql).query(
    `SELECT m.id FROM media m WHERE m.account_id = $1 AND m.deleted_at IS NULL
       AND (m.name = $2 OR (m.name IS NULL AND m.id = $3 AND m.original_file_name = $4))
     ORDER BY m.name IS NULL LIMIT 1 ${locking}`,
    [accountId, name, isUuid(id) ? id : null, name.slice(slash + 1)],
  )
  return media?.id ?? null
}
