/** `type/subtype` or `type/*`, in lower case (RFC 9110, 8.3.1 and 12.5.1). */
const PATTERN = /^[a-z0-9!#$&^_.+-]+\/(\*|[a-z0-9!#$&^_.+-]+)$/

export const isTypePattern = (text: string): boolean => text.length <= 127 && PATTERN.test(text)

/** Whether a media type is one of those that the patterns name. */
export function isAccepted(mimeType: string, patterns: readonly string[]): boolean {
  const [type] = mimeType.split('/', 1)
  return patterns.some(pattern => pattern === mimeType || pattern === `${type}/*`)
}
