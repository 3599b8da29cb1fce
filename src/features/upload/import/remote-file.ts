import type { IncomingMessage } from 'node:http'
import { fileNameOf } from '../../../platform/lib/content-disposition.ts'
import type { Outgoing } from '../../../platform/net/outgoing.ts'
import { declaredTypeIn } from '../declared-type.ts'
import type { Incoming } from '../reception.ts'
import { NotFetched } from './import.errors.ts'

const REDIRECTS = 5
/** What may be better in a while: Request Timeout, Too Early, Too Many Requests; and all 5xx. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/** Opens files at places that a user has named. */
export class RemoteFiles {
  constructor(private readonly deps: { readonly outgoing: Pick<Outgoing, 'open'> }) {}

  /**
   * The file's bytes, not yet read, with the size, type and name that its server gives them. Rejects with NotFetched,
   * URL_NOT_ALLOWED, FETCH_FAILED, or the reason of the signal; then nothing is left open.
   */
  async open(url: string, signal: AbortSignal): Promise<Incoming> {
    const answer = await this.deps.outgoing.open({ url, redirects: REDIRECTS, signal })
    const refusal = refusalOf(answer)
    if (refusal) {
      answer.destroy()
      throw refusal
    }
    const { headers } = answer
    return {
      body: answer,
      fileName: fileNameOf(headers['content-disposition'] ?? '') ?? nameInUrl(new URL(url)),
      declaredType: declaredTypeIn(headers['content-type']),
      door: 'import',
      declaredSize: sizeInHeader(headers['content-length']),
      signal,
    }
  }
}

function refusalOf({ statusCode = 0, headers }: IncomingMessage): NotFetched | null {
  if (statusCode !== 200) {
    const passes = statusCode >= 500 || PASSING.has(statusCode)
    return new NotFetched(`The server of the URL answered with status ${statusCode}.`, !passes)
  }
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  return coding === 'identity' || coding === ''
    ? null
    : new NotFetched('The server of the URL sends the file encoded, although it was asked not to.', true)
}

const sizeInHeader = (length: string | undefined): number | undefined =>
  length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined

/** The last segment of the path, decoded where it can be. */
export function nameInUrl({ pathname }: URL): string | undefined {
  const last = pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last) || undefined
  } catch {
    return last
  }
}
