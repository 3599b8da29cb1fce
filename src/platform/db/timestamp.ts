import pg from 'pg'

const { TIMESTAMPTZ } = pg.types.builtins
const UTC = '+00'

/** A `timestamptz(3)` as PostgreSQL prints it for a session in UTC. */
const isPlain = (text: string): boolean =>
  text.length >= 22 && text.length <= 26 && text[10] === ' ' && text.endsWith(UTC)

function isoOf(text: string): string {
  const time = text.slice(11, -UTC.length)
  return `${text.slice(0, 10)}T${time.length === 8 ? `${time}.000` : time.padEnd(12, '0')}Z`
}

/** A point in time; half of the time that the driver takes, to whom is left what any session not in UTC prints. */
export const parseTimestamp = (text: string): Date =>
  isPlain(text) ? new Date(isoOf(text)) : (pg.types.getTypeParser(TIMESTAMPTZ)(text) as Date)

/** The same in ISO 8601 with milliseconds, for who only writes it again; a tenth of the time. */
export const timestampText = (text: string): string =>
  isPlain(text) ? isoOf(text) : parseTimestamp(text).toISOString()
