/**
 * Which transactions a moment has seen: those below `next`, except those that were running. Of PostgreSQL's `pg_snapshot` (9.28.6)
 * without the lower bound, which the two imply.
 */
export interface Snapshot {
  /** The first transaction id that was not given out. */
  readonly next: bigint
  /** Ids below `next` of transactions that had not ended, ascending. */
  readonly running: readonly bigint[]
}

/** Reads PostgreSQL's own form, `xmin:xmax:xid,xid,…`. */
export function snapshotOf(text: string): Snapshot {
  const [, next = '', running = ''] = text.split(':')
  return { next: BigInt(next), running: running === '' ? [] : running.split(',').map(BigInt) }
}

/** Whether what this transaction wrote was visible. */
export const hasSeen = ({ next, running }: Snapshot, xid: bigint): boolean =>
  xid < next && !running.includes(xid)

/** Every transaction below this one was seen. */
export const oldestUnseen = ({ next, running }: Snapshot): bigint => running[0] ?? next

/** Whether one moment of a server was before another, by what had ended: of two moments the later one has seen all of the earlier one. */
export const isEarlier = (one: Snapshot, other: Snapshot): boolean =>
  one.next < other.next || (one.next === other.next && one.running.length > other.running.length)
