import type { MediaKind } from '../media/media-kind.ts'

/** What an operator says of the types of files; a part that is absent fits all. */
export interface TypeRule {
  readonly accountId?: string
  readonly kind?: MediaKind
  /** `type/subtype`, or `type/*`. */
  readonly type?: string
  readonly says: TypeVerdict
}

/** What is said; each part may be left to other rules. */
export interface TypeVerdict {
  readonly isTaken?: boolean
  /** Bytes. */
  readonly maxSize?: number
  readonly kind?: MediaKind
  readonly extension?: string
}

/** What holds for the files of one type in one account. */
export interface TypeTerms {
  readonly isTaken: boolean
  /** Largest file that is taken, in bytes. */
  readonly maxSize: number
  readonly kind: MediaKind
  /** The one that file names get; null leaves it to the usual ones. */
  readonly extension: string | null
}

/** Applies the rules: of each part the first rule that fits and speaks of it decides. */
export class TypeRules {
  constructor(
    private readonly deps: {
      readonly rules: readonly TypeRule[]
      /** What is taken of any type, in bytes; no rule raises it. */
      readonly maxBytes: number
      readonly kindOf: (mimeType: string) => MediaKind
    },
  ) {}

  termsOf(accountId: string, mimeType: string): TypeTerms {
    const fitting = this.of(accountId).filter(({ type }) => type === undefined || fits(mimeType, type))
    const first = <Part extends keyof TypeVerdict>(part: Part, rules: readonly TypeRule[]) =>
      rules.find(({ says }) => says[part] !== undefined)?.says[part]
    const kind = first('kind', fitting) ?? this.deps.kindOf(mimeType)
    const ofKind = fitting.filter(rule => rule.kind === undefined || rule.kind === kind)
    return {
      kind,
      isTaken: first('isTaken', ofKind) ?? true,
      maxSize: Math.min(first('maxSize', ofKind) ?? this.deps.maxBytes, this.deps.maxBytes),
      extension: first('extension', ofKind) ?? null,
    }
  }

  /** The rules that speak of this account, in their order. */
  of(accountId: string): readonly TypeRule[] {
    return this.deps.rules.filter(rule => rule.accountId === undefined || rule.accountId === accountId)
  }
}

/** Whether a media type is what a pattern names. */
export const fits = (mimeType: string, pattern: string): boolean =>
  pattern === mimeType || (pattern.endsWith('/*') && mimeType.startsWith(pattern.slice(0, -1)))
