import pg from 'pg'
import { parseTimestamp, timestampText } from './timestamp.ts'

const { TIMESTAMPTZ } = pg.types.builtins
/** `text[]`; the driver has no name for arrays. */
const TEXT_ARRAY = 1009 as Parameters<typeof pg.types.getTypeParser>[0]

/** What a plain array of texts does not hold: quotes, escapes, and the word that may stand for null. */
const QUOTED = /["\\]|NULL/i

/** An array of texts; one with nothing to unquote, as most are, is read in a third of the time that the driver takes. */
export function parseTexts(text: string): string[] {
  if (QUOTED.test(text)) return pg.types.getTypeParser(TEXT_ARRAY)(text) as string[]
  return text === '{}' ? [] : text.slice(1, -1).split(',')
}

/** As `typeParsers`, with times as they are written: in ISO 8601, UTC. */
export const timesAsText: pg.CustomTypesConfig = {
  getTypeParser: (type, format) =>
    type === TIMESTAMPTZ && format !== 'binary' ? timestampText : typeParsers.getTypeParser(type, format),
}

/** How values of the database are read: as the driver does, but for what lists are full of. */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser(type, format) {
    if (format === 'binary') return pg.types.getTypeParser(type, format)
    if (type === TIMESTAMPTZ) return parseTimestamp
    return type === TEXT_ARRAY ? parseTexts : pg.types.getTypeParser(type, format)
  },
}
