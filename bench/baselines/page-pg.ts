import { createServer } from 'node:http'
import pg from 'pg'
import { listen } from './listen.ts'

/** The page with nothing around it: one statement on a pool, JSON.stringify, node:http. No credential, no limits, no log. */
const PAGE = `
  SELECT id, name, original_file_name AS "originalFileName", title, kind, mime_type AS "mimeType", status,
         size::float8 AS size, sha256, etag, width, height, tags, created_at AS "createdAt", updated_at AS "updatedAt"
  FROM media WHERE account_id = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20`

const [connection = '{}', account] = process.argv.slice(2)
const pool = new pg.Pool({ ...(JSON.parse(connection) as pg.PoolConfig), max: 10 })

listen(
  createServer(async (_request, response) => {
    const { rows } = await pool.query(PAGE, [account])
    const body = JSON.stringify(rows)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }),
  () => pool.end(),
)
