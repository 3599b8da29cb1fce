import { AUDIT_EVENT_PREFIX, type ChainedRow } from '../audit.rows.ts'
import { isSameSeal, type Link, type Seals } from '../seals.ts'
import { FINDINGS, type Finding, type FindingCode, MOST_FINDINGS } from './findings.ts'

/** A row that has its place in the chain. */
export type SealedRow = ChainedRow & {
  readonly number: number
  readonly keyId: string
  readonly seal: Buffer
}

export interface ChainEnds {
  readonly base: Link
  /** Null where nothing is noted of it. */
  readonly head: Link | null
  /** Seals that the store has seen, by number. */
  readonly checkpoints: ReadonlyMap<number, readonly Buffer[]>
}

/** Walks one chain from its base on, row by row in the order of their numbers. */
export class ChainWalk {
  readonly findings: Finding[] = []
  /** Rows whose seals were right. */
  verified = 0
  #last: Link
  /** Whether the seal of the row before is known: behind a gap it is not. */
  #linked = true
  /** A row that is not what was sealed; the next one tells what became of it. */
  #suspect: { readonly row: SealedRow; readonly before: Link } | null = null

  constructor(
    private readonly seals: Seals,
    private readonly ends: ChainEnds,
  ) {
    this.#last = ends.base
  }

  /** The last row that was taken. */
  get last(): Link {
    return this.#last
  }

  take(row: SealedRow): void {
    this.#judgeSuspect(row)
    const { number, seal } = row
    if (number <= this.#last.number) {
      this.find('row-inserted', row)
      return
    }
    if (number > this.#last.number + 1) {
      const [from, to] = [this.#last.number + 1, number - 1]
      const which = from === to ? `row ${from} is` : `rows ${from} to ${to} are`
      this.find('row-removed', { number: from }, `${which} not there`)
      this.#linked = false
    }
    if (!this.seals.knows(row.keyId)) this.find('key-unknown', row)
    else if (this.#linked) this.#check(row)
    const seen = this.ends.checkpoints.get(number) ?? []
    if (seen.some(other => !isSameSeal(other, seal))) this.find('checkpoint-differs', row)
    this.#last = { number, seal }
    this.#linked = true
  }

  /** When there are no more rows. */
  end(): void {
    this.#judgeSuspect(null)
    const { head, checkpoints } = this.ends
    const { number, seal } = this.#last
    const seen = Math.max(head?.number ?? 0, ...checkpoints.keys())
    if (seen > number)
      this.find('tail-cut', { number: number + 1 }, `rows ${number + 1} to ${seen} are not there`)
    if (head && (head.number < number || (head.number === number && !isSameSeal(head.seal, seal))))
      this.find('head-changed', { number })
    if (!head && number > 0) this.find('head-changed', { number })
  }

  find(code: FindingCode, about: { number: number | null; id?: string }, message?: string): void {
    if (this.findings.length >= MOST_FINDINGS) return
    const { number, id } = about
    this.findings.push({
      code,
      number,
      eventId: id === undefined ? null : AUDIT_EVENT_PREFIX + id,
      message: message ?? FINDINGS[code],
    })
  }

  #check(row: SealedRow): void {
    if (isSameSeal(this.#sealOf(row, this.#last), row.seal)) this.verified++
    else this.#suspect = { row, before: this.#last }
  }

  /** Behind a row that was put in, what follows is sealed as if it stood in its place. */
  #judgeSuspect(next: SealedRow | null): void {
    if (!this.#suspect) return
    const { row, before } = this.#suspect
    this.#suspect = null
    const { head } = this.ends
    const isBeyond = head !== null && row.number > head.number
    const closesUp =
      next !== null && this.seals.knows(next.keyId) && isSameSeal(this.#sealOf(next, before), next.seal)
    this.find(isBeyond || closesUp ? 'row-inserted' : 'row-changed', row)
  }

  #sealOf(row: SealedRow, before: Link): Buffer {
    const { keyId } = row
    return this.seals.ofRow(row, { previous: before.seal, number: before.number + 1, keyId })
  }
}
