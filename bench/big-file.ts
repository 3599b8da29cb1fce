import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'

export const BIG_FILE_BYTES = 2 ** 30
const BLOCK_BYTES = 2 ** 24
const CHUNK_BYTES = 2 ** 16

/** Seeded pseudo-random bytes (xorshift32) that no disk and no codec can make smaller; the file repeats them. */
const BLOCK = makeBlock(20_260_131)

function makeBlock(seed: number): Buffer {
  const words = new Uint32Array(BLOCK_BYTES / 4)
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return Buffer.from(words.buffer)
}

/** A file's bytes in chunks as a socket would give them; never more than one block of them is in memory. */
function* chunksOf(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    const start = at % BLOCK_BYTES
    yield BLOCK.subarray(start, start + Math.min(CHUNK_BYTES, bytes - at))
  }
}

export const fileStream = (bytes: number): Readable => Readable.from(chunksOf(bytes), { objectMode: false })

/** In lower-case hex. */
export function sha256Of(bytes: number): string {
  const hash = createHash('sha256')
  for (const chunk of chunksOf(bytes)) hash.update(chunk)
  return hash.digest('hex')
}

const BOUNDARY = 'bench-boundary-7d1f90ab'
const UPLOAD = `mutation Upload($input: UploadMediaInput!) {
  uploadMedia(input: $input) { media { id sha256 } userErrors { code message } }
}`

/** A file in a GraphQL multipart request. */
export function fileAsMultipart(bytes: number): { headers: Record<string, string>; body: Readable } {
  const field = (name: string, value: string) =>
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const operations = JSON.stringify({ query: UPLOAD, variables: { input: { file: null } } })
  const before = Buffer.from(
    `${field('operations', operations)}${field('map', '{"0":["variables.input.file"]}')}` +
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="0"; filename="big.bin"\r\n` +
      'content-type: application/octet-stream\r\n\r\n',
  )
  const after = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': String(before.length + bytes + after.length),
      'apollo-require-preflight': 'true',
    },
    body: Readable.from(inOrder(before, chunksOf(bytes), after), { objectMode: false }),
  }
}

function* inOrder(before: Buffer, file: Iterable<Buffer>, after: Buffer): Generator<Buffer> {
  yield before
  yield* file
  yield after
}
