import { createHash, type Hash } from 'node:crypto'
import { commonErrors } from '../../../platform/errors.ts'
import type { Received } from '../reception.ts'
import { contentMismatch } from './ticket.errors.ts'

/** Algorithms of RFC 9530, section 5, that are not broken, by their names for node:crypto. */
const ALGORITHMS: Readonly<Record<string, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' }
/** One member of an sf-dictionary whose value is a byte sequence (RFC 9651, 3.2 and 3.3.5). */
const MEMBER = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):$/

interface Expected {
  readonly algorithm: string
  readonly digest: Buffer
}

export interface DigestCheck {
  /** Sees every chunk; undefined where the SHA-256, which is taken anyway, is enough. */
  readonly onChunk?: (chunk: Buffer) => void
  /** Throws CONTENT_MISMATCH. */
  readonly verify: (received: Received) => void
}

/**
 * Checks a body against Content-Digest and Repr-Digest (RFC 9530), which are the same where no coding is applied. Throws
 * BAD_REQUEST for a field that cannot be read, or that names no algorithm that is known here: who sends one wants it checked.
 */
export function digestCheck(fields: readonly (string | string[] | undefined)[]): DigestCheck {
  const expected = fields.flatMap(field => (field === undefined ? [] : readField(String(field))))
  const running = new Map<string, Hash>()
  for (const { algorithm } of expected)
    if (algorithm !== 'sha-256') running.set(algorithm, createHash(ALGORITHMS[algorithm] as string))
  return {
    onChunk:
      running.size > 0
        ? chunk => {
            for (const hash of running.values()) hash.update(chunk)
          }
        : undefined,
    verify({ sha256 }) {
      const actual = new Map([...running].map(([algorithm, hash]) => [algorithm, hash.digest()]))
      actual.set('sha-256', Buffer.from(sha256, 'hex'))
      for (const { algorithm, digest } of expected) {
        const seen = actual.get(algorithm) as Buffer
        if (!seen.equals(digest))
          throw contentMismatch('digest', text(algorithm, digest), text(algorithm, seen))
      }
    },
  }
}

function readField(field: string): Expected[] {
  const members = field.split(',').map(part => {
    const [, algorithm = '', value = ''] = MEMBER.exec(part.trim()) ?? []
    if (!algorithm) throw commonErrors.BAD_REQUEST('A digest reads "sha-256=:<base64>:" (RFC 9530).')
    return { algorithm, digest: Buffer.from(value, 'base64') }
  })
  const known = members.filter(({ algorithm }) => algorithm in ALGORITHMS)
  if (known.length > 0) return known
  throw commonErrors.BAD_REQUEST(
    `Digests are checked by ${Object.keys(ALGORITHMS).join(' and ')}; this request has none of them.`,
  )
}

const text = (algorithm: string, digest: Buffer): string => `${algorithm}=:${digest.toString('base64')}:`
