import type { MediaDoor } from '../media/media-door.ts'
import type { MediaKind } from '../media/media-kind.ts'

/** What an operator says of the types of files; a part that is absent fits all. */
export interface TypeRule {
  readonly accountId?: string
  readonly kind?: MediaKind
  /** The one that they come by; what is asked for no door in particular, no such rule speaks of. */
  readonly door?: MediaDoor
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

/** Applies the rules: of each part the first rule that fits and speaks of it decides; what a door takes less of by itself holds beside it. */
export class TypeRules {
  constructor(
    private readonly deps: {
      readonly rules: readonly TypeRule[]
      /** What single doors take less of by themselves: together they bound every size. A rule that names the door has the say instead. */
      readonly ofDoors?: readonly TypeRule[]
      /** What is taken of any type, in bytes; no rule raises it. */
      readonly maxBytes: number
      readonly kindOf: (mimeType: string) => MediaKind
    },
  ) {}

  /** Bytes that no file may have that comes by this door, whatever it is: what can be said before one has come. */
  mostOf(door: MediaDoor): number {
    const { rules, ofDoors = [], maxBytes } = this.deps
    if (rules.some(rule => rule.door === door)) return maxBytes
    const sizes = ofDoors.filter(rule => rule.door === door).flatMap(({ says }) => says.maxSize ?? [])
    return sizes.length === 0 ? maxBytes : Math.min(Math.max(...sizes), maxBytes)
  }

  termsOf(accountId: string, mimeType: string, door?: MediaDoor): TypeTerms {
    const { rules, ofDoors = [], maxBytes, kindOf } = this.deps
    const fitting = rules.filter(rule => fitsFile(rule, { accountId, mimeType, door }))
    const kind = first('kind', fitting) ?? kindOf(mimeType)
    const isOfKind = (rule: TypeRule) => rule.kind === undefined || rule.kind === kind
    const ofKind = fitting.filter(isOfKind)
    const ofDoor = ofDoors.filter(rule => isOfKind(rule) && fitsFile(rule, { accountId, mimeType, door }))
    const byDoor = <Part extends keyof TypeVerdict>(part: Part) =>
      first(
        part,
        ofKind.filter(rule => rule.door !== undefined),
      ) === undefined
        ? first(part, ofDoor)
        : undefined
    return {
      kind,
      isTaken: (first('isTaken', ofKind) ?? true) && (byDoor('isTaken') ?? true),
      maxSize: Math.min(first('maxSize', ofKind) ?? maxBytes, byDoor('maxSize') ?? maxBytes, maxBytes),
      extension: first('extension', ofKind) ?? null,
    }
  }
}

interface RuledFile {
  readonly accountId: string
  readonly mimeType: string
  readonly door: MediaDoor | undefined
}

const fitsFile = (rule: TypeRule, { accountId, mimeType, door }: RuledFile): boolean =>
  (rule.accountId === undefined || rule.accountId === accountId) &&
  (rule.door === undefined || rule.door === door) &&
  (rule.type === undefined || fits(mimeType, rule.type))

/** What the first of these rules that speaks of the part says of it. */
const first = <Part extends keyof TypeVerdict>(part: Part, rules: readonly TypeRule[]): TypeVerdict[Part] =>
  rules.find(({ says }) => says[part] !== undefined)?.says[part]

/** Whether a media type is what a pattern names. */
export const fits = (mimeType: string, pattern: string): boolean =>
  pattern === mimeType || (pattern.endsWith('/*') && mimeType.startsWith(pattern.slice(0, -1)))
