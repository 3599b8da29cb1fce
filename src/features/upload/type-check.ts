import type { MediaDoor } from '../media/media-door.ts'
import type { TypeRules, TypeTerms } from '../types/type-rules.ts'
import { fileTooLarge, unsupportedType } from './upload.errors.ts'

/** Bytes of an account whose true type is known. */
export interface Typed {
  readonly accountId: string
  readonly mimeType: string
  /** The one that they come by. */
  readonly door: MediaDoor
}

/** What the operator says of types, held against what bytes are; what their sender calls them does not count. */
export class TypeCheck {
  constructor(private readonly deps: { readonly rules: Pick<TypeRules, 'termsOf' | 'mostOf'> }) {}

  /** Bytes that no file may have that comes by this door. */
  mostOf(door: MediaDoor): number {
    return this.deps.rules.mostOf(door)
  }

  /** What holds for bytes as soon as their type is known, also while they come. Throws UNSUPPORTED_TYPE. */
  admit({ accountId, mimeType, door }: Typed): TypeTerms {
    const terms = this.deps.rules.termsOf(accountId, mimeType, door)
    if (!terms.isTaken) throw unsupportedType(mimeType)
    return terms
  }

  /** The same for all bytes of a file. Throws UNSUPPORTED_TYPE, FILE_TOO_LARGE. */
  check({ size, ...typed }: Typed & { readonly size: number }): TypeTerms {
    const terms = this.admit(typed)
    if (size > terms.maxSize) throw fileTooLarge(terms.maxSize, size)
    return terms
  }
}
