import { type ConfigTable, integer, type Parsed } from '../config.ts'

function databaseUrl(input: string): Parsed<string> {
  const url = URL.parse(input)
  const ok = url && /^postgres(ql)?:$/.test(url.protocol)
  return ok ? { value: input } : { allowed: 'a URL such as postgres://user:password@host:5432/database' }
}

export const dbConfig = {
  DATABASE_URL: {
    default: undefined as string | undefined,
    defaultText: 'embedded',
    about: 'An outside PostgreSQL, version 15 or later; without it one runs under DATA_DIR.',
    secret: true,
    parse: databaseUrl,
  },
  DATABASE_POOL: {
    default: 10,
    about: 'Most connections of one process to PostgreSQL.',
    parse: integer(4, 500),
  },
} satisfies ConfigTable
