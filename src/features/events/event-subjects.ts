import type { Sql } from '../../platform/db/database.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import type { RecordedEvent } from '../../platform/events/event-log.ts'
import { filterConditions, type MediaFilter } from '../media/media.filter.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../media/media.row.ts'

/** The media that some events are about, as they are now. */
export interface Subjects {
  /** By id, deleted ones too; what is gone for good is missing. */
  readonly rows: ReadonlyMap<string, MediaRow>
  /** Which of them the filter lets pass; asked once, however many subscribers have the same filter. */
  matching(filter: MediaFilter): Promise<ReadonlySet<string>>
}

interface Kept {
  readonly since: number
  readonly subjects: Promise<Subjects>
}

/** A slow subscriber looks again: what it is given is no older than this. */
const FRESH_MS = 1_000

/**
 * Looks up what events are about, some at a time. Subscribers who are told of the same events together share the look-up:
 * it does not depend on who asks, and the policy is applied to its result.
 */
export class EventSubjects {
  readonly #kept = new WeakMap<readonly RecordedEvent[], Map<number, Kept>>()

  constructor(private readonly deps: { readonly database: Sql }) {}

  of(batch: readonly RecordedEvent[], from: number, count: number): Promise<Subjects> {
    const parts = this.#kept.get(batch) ?? new Map<number, Kept>()
    this.#kept.set(batch, parts)
    const known = parts.get(from)
    const now = performance.now()
    if (known && now - known.since < FRESH_MS) return known.subjects
    const subjects = this.#find(batch.slice(from, from + count))
    parts.set(from, { since: now, subjects })
    // What failed is not remembered.
    subjects.catch(() => parts.delete(from))
    return subjects
  }

  async #find(events: readonly RecordedEvent[]): Promise<Subjects> {
    const accountId = events[0]?.accountId
    const ids = [...new Set(events.flatMap(({ mediaId }) => mediaId ?? []))]
    const among = (p: SqlParameters) =>
      `m.account_id = ${p.add(accountId)} AND m.id = ANY (${p.add(ids, 'uuid[]')})`
    const select = async (columns: string, conditions: (p: SqlParameters) => readonly string[]) => {
      const p = new SqlParameters()
      const where = [among(p), ...conditions(p)].join(' AND ')
      return this.deps.database.query<MediaRow>(`SELECT ${columns} FROM media m WHERE ${where}`, p.values)
    }
    const rows = await select(selectList(ALL_COLUMNS), () => [])
    const asked = new Map<string, Promise<ReadonlySet<string>>>()
    return {
      rows: new Map(rows.map(row => [row.id, row])),
      matching(filter) {
        const key = JSON.stringify(filter)
        const known =
          asked.get(key) ??
          select('m.id', p => filterConditions(filter, p)).then(found => new Set(found.map(({ id }) => id)))
        asked.set(key, known)
        return known
      },
    }
  }
}
