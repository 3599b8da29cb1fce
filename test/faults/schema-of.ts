import pg from 'pg'

/** What makes a schema, from the system catalogs: names and definitions, no object ids and no times. */
const CATALOGS = {
  columns: `SELECT attrelid::regclass::text AS relation, attnum, attname, format_type(atttypid, atttypmod) AS type, attnotnull,
              attidentity, attgenerated, pg_get_expr(adbin, adrelid) AS value
            FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
            WHERE attnum > 0 AND NOT attisdropped AND relnamespace IN (SELECT oid FROM spaces)`,
  relations: `SELECT oid::regclass::text AS relation, relkind, reloptions FROM pg_class WHERE relnamespace IN (SELECT oid FROM spaces)`,
  constraints: `SELECT conrelid::regclass::text AS relation, conname, pg_get_constraintdef(oid) AS definition
                FROM pg_constraint WHERE connamespace IN (SELECT oid FROM spaces)`,
  indexes: `SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname IN (SELECT nspname FROM spaces)`,
  functions: `SELECT oid::regprocedure::text AS function, md5(pg_get_functiondef(oid)) AS definition
              FROM pg_proc WHERE prokind IN ('f', 'p') AND pronamespace IN (SELECT oid FROM spaces)`,
  triggers: `SELECT tgrelid::regclass::text AS relation, pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE NOT tgisinternal`,
  types: `SELECT oid::regtype::text AS type, typtype FROM pg_type WHERE typnamespace IN (SELECT oid FROM spaces)`,
  extensions: `SELECT extname FROM pg_extension`,
  ownMigrations: `SELECT name FROM migration`,
  jobMigrations: `SELECT id, breaking FROM graphile_worker.migrations`,
} as const
const SPACES = `WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)')`

/** The schema of a database as lines of text: equal text, equal schema. Rejects where it was never migrated. */
export async function schemaOf(url: string): Promise<string> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const lines: string[] = []
    for (const [catalog, query] of Object.entries(CATALOGS)) {
      const { rows } = await client.query(`${SPACES} ${query}`)
      lines.push(...rows.map(row => `${catalog} ${JSON.stringify(row)}`).sort())
    }
    return lines.join('\n')
  } finally {
    await client.end()
  }
}
