import type { ConfigTable, Parsed } from '../../../platform/config.ts'
import { MEDIA_DOORS, type MediaDoor } from '../../media/media-door.ts'
import { MediaKind } from '../../media/media-kind.ts'
import type { RetentionRule, RetentionVerdict } from './retention-rules.ts'

/** Media types have plus signs of their own (RFC 6838, 4.2). */
const AND = /\+(?=(?:account|kind|type|tag|source|door):)/
const TEXT = String.raw`[^\s=+]+`
const CONDITION = new RegExp(
  String.raw`^(?:account:(?<accountId>[\w-]{1,64})|kind:(?<kind>[A-Z]+)|type:(?<type>[a-z0-9!#$&^_.+-]+\/(?:\*|[a-z0-9!#$&^_.+-]+))|tag:(?<tag>${TEXT})|source:(?<sourceType>${TEXT})|door:(?<door>[a-z]+))$`,
)
/** A duration of ISO 8601 of which each part is as long as any other: years and months are not. */
const DURATION =
  /^P(?=.)(?:(?<weeks>\d+)W)?(?:(?<days>\d+)D)?(?:T(?=\d)(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+)S)?)?$/

const SECONDS = { weeks: 604_800, days: 86_400, hours: 3_600, minutes: 60, seconds: 1 } as const
const LONGEST_MS = 36_500 * 86_400_000

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

function millisecondsIn(duration: string): number | null {
  const parts = DURATION.exec(duration)?.groups
  if (!parts) return null
  const units = Object.keys(SECONDS) as (keyof typeof SECONDS)[]
  const ms = units.reduce((sum, unit) => sum + Number(parts[unit] ?? 0) * SECONDS[unit] * 1000, 0)
  return ms > 0 && ms <= LONGEST_MS ? ms : null
}

/** How each word is said of what has a time. */
const WORDS: Readonly<Record<string, Partial<RetentionVerdict>>> = {
  'after:upload': { isFromUpload: true },
  purge: { isForGood: true },
  binding: { isBinding: true },
}

const NEVER: RetentionVerdict = { keepMs: null, isFromUpload: false, isForGood: false, isBinding: false }

function verdictOf(text: string): RetentionVerdict | null {
  // What is never to go has nothing more to say.
  if (text === 'never') return NEVER
  const [duration = '', ...words] = text.split(',')
  const keepMs = millisecondsIn(duration)
  const isSaid = words.every((word, i) => Object.hasOwn(WORDS, word) && words.indexOf(word) === i)
  return keepMs === null || !isSaid
    ? null
    : Object.assign({ ...NEVER, keepMs }, ...words.map(word => WORDS[word]))
}

/** What may stand in a tag and not in a rule is written as in a URL. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function ruleOf(text: string): RetentionRule | null {
  const [, name = '', saying = ''] = /^([^=]+)=([^=]+)$/.exec(text) ?? []
  const says = verdictOf(saying)
  if (!says) return null
  const rule: Mutable<RetentionRule> = { name, says }
  for (const condition of name === '*' ? [] : name.split(AND)) {
    const { accountId, kind, type, tag, sourceType, door } = CONDITION.exec(condition)?.groups ?? {}
    if (accountId !== undefined && rule.accountId === undefined) rule.accountId = accountId
    else if (kind !== undefined && Object.hasOwn(MediaKind, kind) && rule.kind === undefined)
      rule.kind = kind as MediaKind
    else if (type !== undefined && rule.type === undefined) rule.type = type
    else if (door !== undefined && Object.hasOwn(MEDIA_DOORS, door) && rule.door === undefined)
      rule.door = door as MediaDoor
    else if (tag !== undefined && rule.tag === undefined && decoded(tag) !== null)
      rule.tag = decoded(tag) as string
    else if (sourceType !== undefined && rule.sourceType === undefined && decoded(sourceType) !== null)
      rule.sourceType = decoded(sourceType) as string
    else return null
  }
  return rule
}

function retentionRules(input: string): Parsed<readonly RetentionRule[]> {
  const rules = input.split(/\s+/).map(ruleOf)
  const names = rules.map(rule => rule?.name)
  if (rules.every(rule => rule !== null) && new Set(names).size === names.length) return { value: rules }
  return {
    allowed: `rules parted by blanks, each with other conditions, such as door:tus=PT48H,after:upload,purge, account:acme+tag:draft=P7D, kind:VIDEO=P90D,binding, tag:keep=never or *=P365D; durations are in weeks, days, hours, minutes and seconds, up to 36500 days; kinds are ${Object.keys(MediaKind).join(', ')}; doors are ${Object.keys(MEDIA_DOORS).join(', ')}`,
  }
}

export const retentionRulesConfig = {
  RETENTION_RULES: {
    default: [] as readonly RetentionRule[],
    defaultText: 'nothing expires by itself but what came by an API that keeps nothing for longer',
    about:
      'How long media are kept of which nobody has said it: rules parted by blanks, of which the first that fits decides. Conditions, joined by `+`: `account:ID`, `tag:TEXT` and `source:TEXT` (blanks, `+`, `=`, `%` as in a URL), `kind:IMAGE`, `type:image/png`, `type:image/*`, `door:NAME` (' +
      `${Object.entries(MEDIA_DOORS)
        .map(([door, meaning]) => `\`${door}\`: ${meaning}`)
        .join('; ')}` +
      '), or `*` for everything. Behind `=` a duration of ISO 8601 without years and months, or `never`; and joined to it by commas: `after:upload` to count from the last content and not from the first, `purge` to go for good and not into the trash, `binding` to let nobody say a later time. As in `tag:keep=never door:tus=PT48H,after:upload,purge account:acme=P365D,binding`. Behind them all stands `door:bandwidth=PT48H,after:upload,purge`, as that API promises; a rule of yours that fits decides instead. A change is applied to all media within minutes: look at `media-gateway retention preview` before.',
    parse: retentionRules,
  },
} satisfies ConfigTable
