import { isStorable } from '../../platform/lib/storable-text.ts'

const LONGEST = 255

/**
 * The media type that an uploader says in a header or a metadata field of theirs, without its parameters; undefined for what is none.
 * It is a hint: nobody is refused for it.
 */
export function declaredTypeIn(text: string | undefined): string | undefined {
  const type = text?.split(';', 1)[0]?.trim().toLowerCase()
  return type && type.length <= LONGEST && isStorable(type) ? type : undefined
}
