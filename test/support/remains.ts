import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sql } from '../../src/platform/db/database.ts'

/** Tables that have rows with one of the texts in any column, whatever its type: sorted, schema in front unless it is `public`. */
export async function tablesWith(database: Sql, texts: readonly string[]): Promise<string[]> {
  const tables = await database.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'`,
  )
  const found: string[] = []
  for (const { schema, name } of tables) {
    // As JSON a row has all of its columns; bytes are in hex, and search texts in lower case.
    const [row] = await database.query(
      `SELECT 1 FROM "${schema}"."${name}" t WHERE lower(to_jsonb(t)::text) LIKE ANY ($1) LIMIT 1`,
      [texts.map(text => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`)],
    )
    if (row) found.push(schema === 'public' ? name : `${schema}.${name}`)
  }
  return found.sort()
}

/** As a client may have written it, and as a column may have it: itself, its bytes in hex, and in Base64 wherever it begins within a group of three. */
export function inAllForms(text: string): string[] {
  const bytes = Buffer.from(text)
  const base64 = [0, 1, 2].map(before =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      // What depends on its neighbours is left out.
      .slice(before === 0 ? 0 : 4, -4),
  )
  return [text, bytes.toString('hex'), ...base64]
}

/** Files below a folder that have one of the texts in them, or in their names. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.filter(each => each.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const content = await readFile(path)
    if (texts.some(text => content.includes(text) || path.includes(text))) found.push(path)
  }
  return found
}
