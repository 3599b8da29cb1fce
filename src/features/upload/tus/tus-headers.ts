import type { IncomingHttpHeaders } from 'node:http'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import { badHeader, tusErrors } from './tus.errors.ts'

/** The one version of the protocol (tus 1.0.0). */
export const TUS_VERSION = '1.0.0'
export const TUS_EXTENSIONS = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'expiration',
  'termination',
  'checksum',
  'concatenation',
].join(',')
/** Algorithms of Upload-Checksum, by the names that node:crypto has for them, too, and the bytes of their digests. */
const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64, md5: 16 } as const
export const CHECKSUM_ALGORITHMS = Object.keys(DIGEST_BYTES) as (keyof typeof DIGEST_BYTES)[]

export interface Checksum {
  readonly algorithm: (typeof CHECKSUM_ALGORITHMS)[number]
  readonly digest: Buffer
}

/** How an upload is to be made: by itself, as a piece, or of pieces, each by its id. */
export type Concatenation =
  | { readonly kind: 'whole' | 'partial' }
  | { readonly kind: 'final'; readonly partIds: readonly string[] }

const MOST_PARTS = 1_000

/** Throws TUS_VERSION_UNSUPPORTED. */
export function checkVersion(headers: IncomingHttpHeaders): void {
  if (headers['tus-resumable'] === TUS_VERSION) return
  throw tusErrors.TUS_VERSION_UNSUPPORTED(`Send the header "Tus-Resumable: ${TUS_VERSION}".`)
}

/** A number of bytes in a header; undefined without it. Throws BAD_REQUEST. */
export function bytesInHeader(headers: IncomingHttpHeaders, name: string): number | undefined {
  const text = headers[name.toLowerCase()]
  if (text === undefined) return undefined
  const bytes = Number(text)
  if (!/^\d{1,16}$/.test(String(text)) || !Number.isSafeInteger(bytes))
    throw badHeader(name, 'is a number of bytes')
  return bytes
}

/** What a creation says of the length; null defers it. Throws BAD_REQUEST. */
export function announcedLength(headers: IncomingHttpHeaders): number | null {
  const length = bytesInHeader(headers, 'Upload-Length')
  const deferred = headers['upload-defer-length']
  if (deferred !== undefined && deferred !== '1') throw badHeader('Upload-Defer-Length', 'can be 1 alone')
  if ((length === undefined) === (deferred === undefined))
    throw badHeader('Upload-Length', 'or Upload-Defer-Length: 1 is needed, one of them')
  return length ?? null
}

/** The pairs of Upload-Metadata, their values as UTF-8. Throws BAD_REQUEST for what is not `key base64, …`. */
export function readMetadata(header: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  for (const pair of header.split(',').filter(part => part.trim() !== '')) {
    const [key = '', value = '', ...more] = pair.trim().split(' ')
    const isPair =
      /^[\x21-\x2b\x2d-\x7e]+$/.test(key) && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value) && more.length === 0
    if (!isPair || pairs.has(key))
      throw badHeader('Upload-Metadata', 'is pairs of a key and its value in Base64, each key once')
    pairs.set(key, utf8(value))
  }
  return pairs
}

function utf8(base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'))
  } catch {
    throw badHeader('Upload-Metadata', 'has a value that is no UTF-8')
  }
}

/** Undefined without Upload-Checksum. Throws BAD_REQUEST. */
export function announcedChecksum(headers: IncomingHttpHeaders): Checksum | undefined {
  const header = headers['upload-checksum']
  if (header === undefined) return undefined
  const [name, value = ''] = String(header).split(' ')
  const algorithm = CHECKSUM_ALGORITHMS.find(known => known === name)
  const digest = Buffer.from(value, 'base64')
  if (!algorithm || digest.length !== DIGEST_BYTES[algorithm])
    throw badHeader(
      'Upload-Checksum',
      `is an algorithm (${CHECKSUM_ALGORITHMS.join(', ')}) and a checksum in Base64`,
    )
  return { algorithm, digest }
}

/** The last part of an upload's URL, whatever stands before it. */
const PART_URL = /\/uploads\/(?:tickets\/[^/]+\/)?([^/]+)\/?$/

/** Throws BAD_REQUEST. */
export function announcedConcatenation(headers: IncomingHttpHeaders): Concatenation {
  const header = String(headers['upload-concat'] ?? '')
  if (header === '') return { kind: 'whole' }
  if (header === 'partial') return { kind: 'partial' }
  if (!header.startsWith('final;')) throw badHeader('Upload-Concat', 'is "partial", or "final;" and URLs')
  const urls = header.slice('final;'.length).trim().split(/\s+/)
  const partIds = urls.map(url => PART_URL.exec(url)?.[1] ?? '')
  if (!partIds.every(isUuid) || partIds.length > MOST_PARTS)
    throw badHeader('Upload-Concat', `names the URLs of 1 to ${MOST_PARTS} uploads of this gateway`)
  return { kind: 'final', partIds }
}
