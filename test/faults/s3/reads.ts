import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type Host, UnexpectedAnswer } from '../ask.ts'
import type { Specimen } from '../specimen.ts'

/** Bytes that came, and whether the connection broke before all that were announced had. */
interface Piece {
  readonly bytes: Buffer
  readonly etag: string | undefined
  readonly isBroken: boolean
}

/**
 * The content from a byte on. Rejects with an UnexpectedAnswer for a refusal, with the system's error when the connection breaks before an
 * answer, and with an AssertionError for an answer that announces other bytes than there are: so a body that is too short can
 * never look whole.
 */
export async function readFrom(
  host: Host,
  { id, size }: { id: string; size: number },
  from = 0,
): Promise<Piece> {
  const outgoing = request(`${host.origin}/media/${id}/content`, {
    headers: {
      authorization: host.authorization,
      ...(from > 0 ? { range: `bytes=${from}-` } : {}),
    },
    agent: false,
  })
  outgoing.on('error', () => undefined)
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  let isBroken = false
  try {
    for await (const chunk of answer) chunks.push(chunk)
  } catch {
    isBroken = true
  }
  const bytes = Buffer.concat(chunks)
  if (answer.statusCode !== (from > 0 ? 206 : 200)) throw refused(answer, bytes)
  assert.equal(answer.headers['content-length'], String(size - from), 'the answer announces other bytes')
  assert.equal(isBroken, bytes.length < size - from, 'the connection broke, or did not, against its length')
  return { bytes, etag: answer.headers.etag, isBroken }
}

/** Reads to the end, going on by a range where the connection breaks; the bytes must be those that were sent. Gives the breaks. */
export async function readThrough(host: Host, id: string, { size, sha256 }: Specimen): Promise<number> {
  const hash = createHash('sha256')
  let from = 0
  for (let breaks = 0; ; breaks++) {
    const { bytes, etag, isBroken } = await readFrom(host, { id, size }, from)
    assert.equal(etag, `"${sha256}"`, 'the ETag is that of other bytes')
    hash.update(bytes)
    from += bytes.length
    if (isBroken) continue
    assert.equal(hash.digest('hex'), sha256, 'the bytes are others than those that were sent')
    return breaks
  }
}

function refused({ statusCode = 0, headers }: IncomingMessage, bytes: Buffer): UnexpectedAnswer {
  const body = bytes.toString()
  return new UnexpectedAnswer(`reading: ${body}`, {
    status: statusCode,
    code: body.startsWith('{') ? JSON.parse(body).error.code : undefined,
    retryAfter: headers['retry-after'],
  })
}
