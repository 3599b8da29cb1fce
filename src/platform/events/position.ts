import type { Snapshot } from './snapshot.ts'

/**
 * How far somebody has read the outbox: everything that `seen` has seen; and where a reading is under way, of what `through`
 * has seen beyond that the events up to `seq`.
 */
export interface Position {
  readonly seen: Snapshot
  readonly reading?: { readonly through: Snapshot; readonly seq: bigint }
}

/** Two snapshots of a server with a thousand connections that all write. */
export const MAX_CURSOR = 32_768
const MAX_BIGINT = 2n ** 63n - 1n
const NUMBER = /^[0-9a-z]{1,13}$/

/** Ids of running transactions lie close below `next`: as distances they are short. */
const snapshotText = ({ next, running }: Snapshot): string =>
  [next, ...running.map(xid => next - xid)].map(number => number.toString(36)).join('.')

/** The cursor that stands for a position. */
export function encodePosition({ seen, reading }: Position): string {
  const parts = reading
    ? [snapshotText(seen), snapshotText(reading.through), reading.seq.toString(36)]
    : [snapshotText(seen)]
  return Buffer.from(`events:${parts.join(':')}`).toString('base64url')
}

/** The position that a cursor stands for; null when no cursor of ours reads so. */
export function decodePosition(cursor: string): Position | null {
  if (cursor.length > MAX_CURSOR) return null
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [kind, ...parts] = text.split(':')
  const seen = snapshotFrom(parts[0])
  if (kind !== 'events' || !seen || Buffer.from(text, 'latin1').toString('base64url') !== cursor) return null
  if (parts.length === 1) return { seen }
  const [through, seq] = [snapshotFrom(parts[1]), numberFrom(parts[2])]
  // What was read through came later than what was seen before.
  if (parts.length !== 3 || !through || seq === null || through.next < seen.next) return null
  return { seen, reading: { through, seq } }
}

function snapshotFrom(text = ''): Snapshot | null {
  const [next, ...distances] = text.split('.').map(numberFrom)
  if (next == null || next === 0n) return null
  const running: bigint[] = []
  for (const distance of distances) {
    const xid = distance === null ? -1n : next - distance
    if (xid <= (running.at(-1) ?? 0n) || xid >= next) return null
    running.push(xid)
  }
  return { next, running }
}

function numberFrom(text = ''): bigint | null {
  if (!NUMBER.test(text)) return null
  let number = 0n
  for (const digit of text) number = number * 36n + BigInt(Number.parseInt(digit, 36))
  return number <= MAX_BIGINT ? number : null
}
