import { createCipheriv, createHash } from 'node:crypto'

/** A file that is never kept: its bytes follow from its seed, and are made whenever they are needed. */
export interface Specimen {
  /** Unique in its run; the file name under which it is uploaded. */
  readonly name: string
  readonly seed: number
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}

const CHUNK = 256 * 1024
const ZEROS = Buffer.alloc(CHUNK)

/** The bytes in chunks: the key stream of AES in counter mode, so no two seeds share a stretch. */
export function* bytesOf({ seed, size }: Pick<Specimen, 'seed' | 'size'>): Generator<Buffer> {
  const key = createHash('sha256').update(`specimen ${seed}`).digest().subarray(0, 16)
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  for (let left = size; left > 0; left -= CHUNK) yield stream.update(ZEROS.subarray(0, Math.min(left, CHUNK)))
}

export function makeSpecimen(seed: number, size: number): Specimen {
  const hash = createHash('sha256')
  for (const chunk of bytesOf({ seed, size })) hash.update(chunk)
  return { name: `specimen-${seed}-${size}.bin`, seed, size, sha256: hash.digest('hex') }
}
