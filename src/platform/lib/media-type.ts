/** `type/subtype`, each a token (RFC 9110, 8.3.1); at most 255 characters. */
const MEDIA_TYPE = /^(?=.{1,255}$)[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/

/** Whether a text is a media type without parameters, and so can stand in a header. */
export const isMediaType = (text: string): boolean => MEDIA_TYPE.test(text)
