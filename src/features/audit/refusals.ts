import { AsyncLocalStorage } from 'node:async_hooks'
import type { Refused } from '../../platform/audit/attempt.ts'
import { NO_ACCOUNT } from '../../platform/audit/trail.ts'
import type { Sql } from '../../platform/db/database.ts'
import { errorCode } from '../../platform/db/pg-errors.ts'
import type { AppError } from '../../platform/errors.ts'
import type { Rule } from '../access/policy.ts'

/** Codes that say no to who asks. What else has a 4xx is about the request, whoever sends it. */
const REFUSING_STATUS: ReadonlySet<number> = new Set([401, 403, 404, 429])
const REFUSING_CODES: ReadonlySet<string> = new Set([
  'LEGAL_HOLD',
  'LAST_ADMIN_KEY',
  'QUOTA_EXCEEDED',
  'URL_NOT_ALLOWED',
])

/** So many different things may wait to be written. */
const MOST_WAITING = 10_000
/** Subjects that one principal is told of by name in a minute, for each action and code; all others are counted together. */
const MOST_SUBJECTS = 10
const FLUSH_MS = 1_000
const MINUTE_MS = 60_000

interface Waiting {
  readonly accountId: string
  readonly principal: string
  readonly action: string
  readonly code: string
  readonly subjectId: string | null
  readonly rule: Rule | null
  readonly requestId: string | null
  count: number
}

type Keyed = readonly [key: string, row: Waiting]

export interface RefusalsDeps {
  readonly database: Sql
  readonly onWritten: (outcome: 'recorded' | 'lost', count: number) => void
  /** Told of an error, and of what becomes of the rows that it is about. */
  readonly onFailure: (error: unknown, rows: 'waits' | 'lost') => void
}

/**
 * Records what was asked for and refused: who, what, and why. No request waits for it: it is written every second, in one statement,
 * and what comes again within a minute is counted in the row that is there. What an id names is never looked up: that of another
 * account's thing and one that names nothing give the same row. Of nobody in particular it is counted what was refused, and no more.
 */
export class Refusals {
  readonly #told = new WeakSet<AppError>()
  #waiting = new Map<string, Waiting>()
  /** How many subjects of a principal, action and code have a row of their own, since when. */
  #subjects = new Map<string, Set<string>>()
  #subjectsSince = 0
  #timer: NodeJS.Timeout | null = null
  /** The deadline of the request that was refused is none of the record's. */
  readonly #outside = AsyncLocalStorage.snapshot()
  #writing: Promise<void> = Promise.resolve()
  #closed = false

  constructor(private readonly deps: RefusalsDeps) {}

  /** Does not throw and waits for nothing. What is no refusal, and what was told before, is not noted. */
  note(refused: Refused): void {
    const { error } = refused
    if (!isRefusal(error) || this.#told.has(error)) return
    this.#told.add(error)
    const row = this.#rowOf(refused)
    const key = JSON.stringify([row.accountId, row.principal, row.action, row.code, row.subjectId])
    const waiting = this.#waiting.get(key)
    if (waiting) waiting.count++
    else if (this.#waiting.size >= MOST_WAITING) this.deps.onWritten('lost', 1)
    else this.#waiting.set(key, row)
    this.#writeSoon()
  }

  /** Writes what waits, once more; what cannot be written then is lost. */
  close(): Promise<void> {
    this.#closed = true
    return this.flush()
  }

  /**
   * Writes what waits. Does not reject: while the database does not take anything it waits on, as long as there is room; a row that it
   * does not take is lost alone.
   */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  #writeSoon(): void {
    if (this.#closed) return
    this.#timer ??= this.#outside(() => setTimeout(() => void this.flush(), FLUSH_MS).unref())
  }

  async #write(): Promise<void> {
    const batch = this.#waiting
    if (batch.size === 0) return
    this.#waiting = new Map()
    await this.#writeRows([...batch])
  }

  /** Halves what the database refuses, down to the rows that it is about: no row holds up the others. */
  async #writeRows(rows: readonly Keyed[]): Promise<void> {
    try {
      await this.deps.database.query(WRITE, [JSON.stringify(rows.map(([key, row]) => ({ ...row, key })))])
      this.deps.onWritten('recorded', sum(rows))
    } catch (error) {
      if (!isOfRows(error)) {
        this.deps.onFailure(error, 'waits')
        this.#keep(rows)
      } else if (rows.length === 1) {
        this.deps.onFailure(error, 'lost')
        this.deps.onWritten('lost', sum(rows))
      } else {
        const half = rows.length >> 1
        await this.#writeRows(rows.slice(0, half))
        await this.#writeRows(rows.slice(half))
      }
    }
  }

  #keep(rows: readonly Keyed[]): void {
    for (const [key, row] of rows) {
      const newer = this.#waiting.get(key)
      if (newer) newer.count += row.count
      else if (this.#waiting.size < MOST_WAITING) this.#waiting.set(key, row)
      else this.deps.onWritten('lost', row.count)
    }
    this.#writeSoon()
  }

  #rowOf({ actor, action, subjectId, error }: Refused): Waiting {
    const { accountId, name: principal, requestId } = actor
    const isKnown = accountId !== null
    const row = { principal, action, code: error.code, rule: ruleOf(error), count: 1 }
    if (!isKnown) return { ...row, accountId: NO_ACCOUNT, subjectId: null, requestId: null }
    const flood = JSON.stringify([accountId, principal, action, error.code])
    return { ...row, accountId, requestId, subjectId: this.#ownRow(flood, subjectId) }
  }

  /** Who tries ten thousand ids in a minute shall not fill the log with them. */
  #ownRow(flood: string, subjectId: string | null): string | null {
    if (subjectId === null) return null
    const now = Date.now()
    if (Math.abs(now - this.#subjectsSince) >= MINUTE_MS) {
      this.#subjects.clear()
      this.#subjectsSince = now
    }
    const known = this.#subjects.get(flood) ?? new Set()
    if (!known.has(subjectId) && known.size >= MOST_SUBJECTS) return null
    this.#subjects.set(flood, known.add(subjectId))
    return subjectId
  }
}

const sum = (rows: readonly Keyed[]): number => rows.reduce((all, [, { count }]) => all + count, 0)

/**
 * SQLSTATE classes of what one row may hold and the database cannot; everything else is the matter with all rows or with none, and passes.
 * 23001 is of a row that is sealed already: the next minute has another.
 */
const OF_ROWS = /^(21|22|23(?!001)|54)/
const isOfRows = (error: unknown): boolean => OF_ROWS.test(errorCode(error) ?? '')

const isRefusal = ({ status, code }: AppError): boolean =>
  REFUSING_STATUS.has(status) || REFUSING_CODES.has(code)

/** What the policy has said, as far as the error tells; NOT_FOUND never tells why. */
function ruleOf({ code, details }: AppError): Rule | null {
  if (code === 'LEGAL_HOLD') return 'legal-hold'
  if (code !== 'FORBIDDEN') return null
  if (details?.missingScope !== undefined) return 'missing-scope'
  return details?.path === undefined ? 'none' : 'acl'
}

/** One row a minute for what is alike, at whatever node; the minute is the database's. A row that is sealed already refuses to be counted on. */
const WRITE = `INSERT INTO audit_event AS e (id, account_id, principal, action, subject_id, outcome, code, rule, request_id, count, flood)
  SELECT gen_random_uuid(), "accountId", principal, action, "subjectId", 'refused', code, rule, "requestId", count,
         md5(key) || ' ' || extract(epoch FROM date_trunc('minute', clock_timestamp()))::bigint
  FROM jsonb_to_recordset($1::jsonb) AS x(key text, "accountId" text, principal text, action text, "subjectId" text,
       code text, rule text, "requestId" text, count int)
  ORDER BY key
  ON CONFLICT (flood) DO UPDATE SET count = e.count + excluded.count`
