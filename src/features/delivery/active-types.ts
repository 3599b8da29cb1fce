import { isMediaType } from '../../platform/lib/media-type.ts'

/**
 * What a browser may show in place, beside audio and video: it runs no script with the rights of our origin (browsers show PDF
 * in a viewer of its own). Everything that is not here is downloaded.
 */
const PASSIVE = new Set([
  'application/pdf',
  'image/apng',
  'image/avif',
  'image/bmp',
  'image/gif',
  'image/heic',
  'image/heic-sequence',
  'image/heif',
  'image/heif-sequence',
  'image/jpeg',
  'image/jxl',
  'image/png',
  'image/tiff',
  'image/vnd.microsoft.icon',
  'image/webp',
  'image/x-icon',
  'text/plain',
])

/** What some browser or plug-in runs or lets rule a page. XML is here because a style sheet or XHTML namespace makes it script. */
const ACTIVE = [
  /^(?:text|application)\/(?:x-)?(?:java|ecma|j|live|vb)script/,
  /^(?:text\/html|text\/xsl|text\/css|text\/cache-manifest|text\/x-component|text\/vbs|text\/mathml)$/,
  /^(?:[^/]+\/(?:.+\+)?xml|application\/xml-.+|text\/xml-.+)$/,
  /^(?:multipart\/.+|message\/.+|application\/x-mimearchive)$/,
  /^application\/(?:wasm|hta|java-archive|x-java-.+|x-shockwave-flash|x-silverlight.*|manifest\+json)$/,
]

export interface Presentation {
  readonly disposition: 'inline' | 'attachment'
  readonly contentSecurityPolicy: string
}

/**
 * What the page needs that a browser makes around an image or a player. No `sandbox`: its opaque origin would keep the player
 * from loading the file, as Chromium does.
 */
const SHOWN: Presentation = {
  disposition: 'inline',
  contentSecurityPolicy: "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
}
const SAVED: Presentation = {
  disposition: 'attachment',
  contentSecurityPolicy: "sandbox; default-src 'none'",
}

/** Whether a browser may run content of this type; parameters and letter case do not matter. */
export function isActiveType(mimeType: string): boolean {
  const type = essence(mimeType)
  return ACTIVE.some(pattern => pattern.test(type))
}

/** The type that a client is given back where it named one: that one, unless it is none or a browser might run it. */
export function typeGivenBack({
  mimeType,
  declaredType,
}: {
  readonly mimeType: string
  readonly declaredType?: string | null
}): string {
  const isSafe = declaredType && isMediaType(declaredType) && !isActiveType(declaredType)
  return isSafe ? declaredType : mimeType
}

/** Whether content of this type is shown in place, since no browser runs it. */
export const isPassiveType = (mimeType: string): boolean => presentationOf(mimeType) === SHOWN

/**
 * How a browser is told to treat content of this type when somebody opens its URL. Only what is known to be passive is shown
 * in place; all else, known as active or not known at all, is an attachment in a sandbox without any rights. No
 * policy allows script.
 */
export function presentationOf(mimeType: string): Presentation {
  const type = essence(mimeType)
  return PASSIVE.has(type) || /^(?:audio|video)\/[^+]+$/.test(type) ? SHOWN : SAVED
}

/** The type without its parameters (WHATWG MIME Sniffing, 4.2). */
function essence(mimeType: string): string {
  return mimeType.split(';', 1).join('').trim().toLowerCase()
}
