import { InvalidArgumentError } from 'commander'
import type { QuotaSetting } from '../../features/usage/usage.service.ts'
import { bytes, integer, type Parsed } from '../../platform/config.ts'

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/i

/** Reads `90s`, `15m`, `12h` or `30d` as seconds. */
export function duration(text: string): number {
  const seconds = inSeconds(text)
  if (seconds === null) throw new InvalidArgumentError('A duration is written as 90s, 15m, 12h or 30d.')
  return seconds
}

/** Reads a time of RFC 3339, or a duration from now. */
export function timeOrDuration(text: string): Date {
  const seconds = inSeconds(text)
  const time =
    seconds === null ? (TIME.test(text) ? Date.parse(text) : Number.NaN) : Date.now() + seconds * 1000
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError(
      'A time is written as 2026-01-31T12:00:00Z, or as a duration from now: 12h, 30d.',
    )
  }
  return date
}

function inSeconds(text: string): number | null {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  return count && unit ? Number(count) * SECONDS[unit as keyof typeof SECONDS] : null
}

const setting =
  (parse: (text: string) => Parsed<number>) =>
  (text: string): QuotaSetting => {
    if (text === 'none' || text === 'default') return text
    // No size of the configuration is 0; a quota may be.
    const parsed = text === '0' ? { value: 0 } : parse(text)
    if ('value' in parsed) return parsed.value
    throw new InvalidArgumentError(`A quota is ${parsed.allowed}, "none" or "default".`)
  }

/** Read quotas: a size or a number, `none`, or `default`. */
export const quota = {
  bytes: setting(bytes),
  items: setting(integer(0, Number.MAX_SAFE_INTEGER)),
} as const

/** Reads items that are parted by commas. */
export const commaList = (text: string): string[] =>
  text
    .split(',')
    .map(item => item.trim())
    .filter(Boolean)
