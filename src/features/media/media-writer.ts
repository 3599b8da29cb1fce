import type { EntityManager } from 'typeorm'
import { snakeCase } from '../../platform/db/naming.ts'
import { isUniqueViolation } from '../../platform/db/pg-errors.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import type { AppError } from '../../platform/errors.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import { nameTaken } from './media.errors.ts'
import { type MediaColumn, type MediaRow, selectList } from './media.row.ts'

/** New values for the columns of one media that is locked. Values that many have in common are one object. */
export interface Patch {
  readonly id: string
  readonly columns: Readonly<Record<string, unknown>>
  /** Of this media alone. */
  readonly own: Readonly<Record<string, unknown>>
}

export interface Writing {
  readonly accountId: string
  readonly event: 'media.updated' | 'media.deleted'
  readonly returning: ReadonlySet<MediaColumn>
}

type Written = MediaRow | AppError

/** Writes changes of media that are decided on, and their events, in the transaction that has locked them. */
export class MediaWriter {
  constructor(private readonly deps: { readonly outbox: Outbox; readonly trashDays: number }) {}

  /** By id, the media as it is now, or NAME_TAKEN. Two statements for all, unless a name is taken. */
  async write(
    tx: EntityManager,
    patches: readonly Patch[],
    writing: Writing,
  ): Promise<ReadonlyMap<string, Written>> {
    const written = await this.#tryAll(tx, patches, writing)
    const { accountId, event: type } = writing
    const details = new Map(patches.map(patch => [patch.id, { fields: fieldsOf(patch) }]))
    const events = [...written].flatMap(([mediaId, media]) =>
      isRow(media)
        ? [{ accountId, type, mediaId, payload: payloadOf(type, media), details: details.get(mediaId) }]
        : [],
    )
    await this.deps.outbox.appendAll(tx, events)
    return written
  }

  async #tryAll(
    tx: EntityManager,
    patches: readonly Patch[],
    writing: Writing,
  ): Promise<ReadonlyMap<string, Written>> {
    if (!patches.some(({ columns }) => typeof columns.name === 'string'))
      return byId(await this.#updateAll(tx, patches, writing))
    const rows = await unlessNameTaken(tx, () => this.#updateAll(tx, patches, writing))
    if (rows) return byId(rows)
    // Some name is taken, maybe by a media that gives it up in this batch: one after the other, in their order.
    const written = new Map<string, Written>()
    for (const patch of patches) {
      const [row] = (await unlessNameTaken(tx, () => this.#updateAll(tx, [patch], writing))) ?? []
      written.set(patch.id, row ?? nameTaken())
    }
    return written
  }

  /** One statement, however different the changes: what a patch does not name stays as it is. */
  async #updateAll(tx: EntityManager, patches: readonly Patch[], writing: Writing): Promise<MediaRow[]> {
    if (patches.length === 0) return []
    const common = [...new Set(patches.map(({ columns }) => columns))]
    const p = new SqlParameters()
    const each = patches.map(({ id, columns, own }) => ({ id, own: snaked(own), n: common.indexOf(columns) }))
    // `clock_timestamp()`: the database's clock is the one that counts.
    const set = [
      ...assignments(patches),
      ...(writing.event === 'media.deleted' ? this.#intoTrash(p) : []),
      'updated_at = clock_timestamp()',
      'version = m.version + 1',
    ]
    const [rows] = (await tx.query(
      `UPDATE media m SET ${set.join(', ')}
       FROM jsonb_to_recordset(${p.add(JSON.stringify(each), 'jsonb')}) AS x(id uuid, own jsonb, n int)
         JOIN media old ON old.id = x.id
         CROSS JOIN LATERAL (SELECT (${p.add(JSON.stringify(common.map(snaked)), 'jsonb')} -> x.n) || x.own AS said) AS wish
         CROSS JOIN LATERAL jsonb_populate_record(old, wish.said) AS new
       WHERE m.id = x.id RETURNING ${selectList(readBack(writing))}`,
      p.values,
    )) as [MediaRow[], number]
    return rows
  }

  /** The day of the purge is promised at the deletion, by the configuration of then. */
  #intoTrash(p: SqlParameters): SqlText[] {
    const days = p.add(this.deps.trashDays, 'int')
    return ['deleted_at = clock_timestamp()', `purge_at = clock_timestamp() + ${days} * interval '1 day'`]
  }
}

const fieldsOf = ({ columns, own }: Patch): string[] => Object.keys({ ...columns, ...own })

/** By these it is decided who may hear of a deletion once the row is gone. */
const payloadOf = (event: Writing['event'], { ownerId, groupIds }: MediaRow) =>
  event === 'media.deleted' ? { ownerId, groupIds } : {}

/** What is read of the media for its event, whatever else was asked for. */
const readBack = ({ event, returning }: Writing): ReadonlySet<MediaColumn> =>
  event === 'media.deleted' ? new Set([...returning, 'ownerId', 'groupIds']) : returning

const isRow = (written: Written): written is MediaRow => !(written instanceof Error)

const byId = (rows: readonly MediaRow[]): ReadonlyMap<string, Written> =>
  new Map(rows.map(row => [row.id, row]))

/** Null when a name was taken: then the transaction stands where it stood before. */
async function unlessNameTaken<T>(tx: EntityManager, work: () => Promise<T>): Promise<T | null> {
  await tx.query('SAVEPOINT names')
  try {
    const result = await work()
    await tx.query('RELEASE SAVEPOINT names')
    return result
  } catch (error) {
    if (!isUniqueViolation(error, 'media_name_key')) throw error
    await tx.query('ROLLBACK TO SAVEPOINT names')
    return null
  }
}

/** Names of columns are ours: they come from the rules of media.fields.ts. */
function assignments(patches: readonly Patch[]): SqlText[] {
  const columns = new Set(patches.flatMap(({ columns, own }) => Object.keys({ ...columns, ...own })))
  const set = [...columns].map(snakeCase).map(column => `${column} = new.${column}`)
  return columns.has('latitude') ? [...set, PLACE_TAKEN_AWAY] : set
}

/**
 * The place of a file becomes the media's as long as nothing is known of the file (probe.step.ts). Whoever takes the place away before
 * says that it shall not: from then on what is known is nothing, but known.
 */
const PLACE_TAKEN_AWAY: SqlText = `facts = CASE WHEN wish.said @> '{"latitude": null}' THEN coalesce(m.facts, '{}') ELSE m.facts END`

const snaked = (columns: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(columns).map(([column, value]) => [snakeCase(column), value]))
