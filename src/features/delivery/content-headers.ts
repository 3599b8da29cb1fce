import type { Validators } from '../../platform/lib/conditional.ts'
import { contentDisposition } from '../../platform/lib/content-disposition.ts'
import { formatHttpDate } from '../../platform/lib/http-date.ts'
import type { ByteRange } from '../../platform/storage/driver.ts'
import { presentationOf } from './active-types.ts'
import type { DeliverableContent } from './deliverable.ts'

type Headers = Record<string, string>

/**
 * What conditions are evaluated against. The date of a first content, or of one that its URL pins, belongs to it alone; a
 * later one may have followed another within the same second, so that parts joined by date could be a mix.
 */
export function validatorsOf(content: DeliverableContent, pinned: boolean): Validators {
  return {
    etag: content.etag,
    lastModified: content.contentUpdatedAt,
    lastModifiedIsStrong: !content.varies && (pinned || content.contentVersion === 1),
  }
}

/**
 * The headers that a 200, a 206 and a 304 share (RFC 9110, 15.4.5). How a browser has to treat the content is among them,
 * since a cache takes over whatever a 304 says (RFC 9111, 3.2), also from defaults of the server.
 */
export function sharedHeaders(content: DeliverableContent, cacheControl: string): Headers {
  return {
    etag: `"${content.etag}"`,
    'last-modified': formatHttpDate(content.contentUpdatedAt),
    'cache-control': cacheControl,
    ...vary(content),
    'content-security-policy': presentationOf(content.mimeType).contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'cross-origin',
  }
}

/** The headers that describe the bytes that are sent; `part` is what a 206 sends. */
export function contentHeaders(
  content: DeliverableContent,
  { part, download }: { part?: ByteRange; download: boolean },
): Headers {
  const disposition = download ? 'attachment' : presentationOf(content.mimeType).disposition
  return {
    'content-type': contentType(content),
    'content-length': String(part ? part.end - part.start + 1 : content.size),
    ...(part ? { 'content-range': `bytes ${part.start}-${part.end}/${content.size}` } : {}),
    'accept-ranges': 'bytes',
    'content-disposition': contentDisposition(disposition, content.fileName),
  }
}

/** What the store has to say of the bytes when it sends them itself. */
export function storedHeaders(
  content: DeliverableContent,
  download: boolean,
): { mimeType: string; disposition: string } {
  const headers = contentHeaders(content, { download })
  return { mimeType: headers['content-type'] ?? '', disposition: headers['content-disposition'] ?? '' }
}

/** The headers of a redirect to the store: it is good for this once, and its target for nobody else to know. */
export const redirectHeaders = (content: DeliverableContent): Headers => ({
  'cache-control': 'private, no-store',
  ...vary(content),
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
})

/** What of a request the answer depends on, beside its URL. */
function vary(content: DeliverableContent): Headers {
  const { varies, isNegotiated } = content
  const isForSome = !content.public || varies
  const names = [...(isForSome ? ['Authorization'] : []), ...(isNegotiated ? ['Accept'] : [])]
  return names.length > 0 ? { vary: names.join(', ') } : {}
}

const TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/

/** Without a charset browsers guess one for plain text; UTF-8 is the likeliest to be right. */
function contentType({ mimeType }: DeliverableContent): string {
  if (!TYPE.test(mimeType)) return 'application/octet-stream'
  return mimeType === 'text/plain' ? `${mimeType}; charset=utf-8` : mimeType
}
