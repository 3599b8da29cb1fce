import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { listen } from './listen.ts'

/** An upload with nothing around it: the body is hashed, written, synced to the disk and renamed into place. */
const folder = process.argv[2] as string
/** Files that are kept; the next one takes the place of the oldest. */
const KEPT = 8
let arrived = 0

listen(
  createServer(async (request, response) => {
    const sha256 = await store(request)
    response.end(JSON.stringify({ sha256 }))
  }),
)

async function store(body: IncomingMessage): Promise<string> {
  const hash = createHash('sha256')
  const path = join(folder, `raw-${arrived++ % KEPT}`)
  body.on('data', chunk => hash.update(chunk))
  // `flush` syncs the file before it is closed.
  await pipeline(body, createWriteStream(`${path}.part`, { flush: true }))
  await rename(`${path}.part`, path)
  await using parent = await open(folder)
  await parent.sync()
  return hash.digest('hex')
}
