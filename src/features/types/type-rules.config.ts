import { bytes, type ConfigTable, type Parsed } from '../../platform/config.ts'
import { MEDIA_DOORS, type MediaDoor } from '../media/media-door.ts'
import { MediaKind } from '../media/media-kind.ts'
import type { TypeRule, TypeVerdict } from './type-rules.ts'

/** Media types have plus signs of their own (RFC 6838, 4.2). */
const AND = /\+(?=(?:account|kind|type|door):)/
const CONDITION =
  /^(?:account:(?<accountId>[\w-]{1,64})|kind:(?<kind>[A-Z]+)|type:(?<type>[a-z0-9!#$&^_.+-]+\/(?:\*|[a-z0-9!#$&^_.+-]+))|door:(?<door>[a-z]+))$/
const SAYING =
  /^(?:(?<taken>accept|refuse)|max:(?<max>[\w.]+)|kind:(?<kind>[A-Z]+)|extension:(?<extension>[a-z0-9]{1,10}))$/

const isDoor = (text: string): text is MediaDoor => Object.hasOwn(MEDIA_DOORS, text)
const isKind = (text: string): text is MediaKind => Object.hasOwn(MediaKind, text)

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

function verdictOf(text: string): TypeVerdict | null {
  const says: Mutable<TypeVerdict> = {}
  for (const part of text.split(',')) {
    const { taken, max, kind, extension } = SAYING.exec(part)?.groups ?? {}
    const size = max === undefined ? undefined : bytes(max)
    if (taken !== undefined && says.isTaken === undefined) says.isTaken = taken === 'accept'
    else if (size && 'value' in size && says.maxSize === undefined) says.maxSize = size.value
    else if (kind !== undefined && isKind(kind) && says.kind === undefined) says.kind = kind
    else if (extension !== undefined && says.extension === undefined) says.extension = extension
    else return null
  }
  return says
}

function ruleOf(text: string): TypeRule | null {
  const [, conditions = '', sayings = ''] = /^([^=]+)=([^=]+)$/.exec(text) ?? []
  const says = verdictOf(sayings)
  if (!says) return null
  const rule: Mutable<TypeRule> = { says }
  for (const condition of conditions === '*' ? [] : conditions.split(AND)) {
    const { accountId, kind, type, door } = CONDITION.exec(condition)?.groups ?? {}
    if (accountId !== undefined && rule.accountId === undefined) rule.accountId = accountId
    else if (kind !== undefined && isKind(kind) && rule.kind === undefined) rule.kind = kind
    else if (type !== undefined && rule.type === undefined) rule.type = type
    else if (door !== undefined && isDoor(door) && rule.door === undefined) rule.door = door
    else return null
  }
  // What kind something is cannot depend on what kind it is.
  return rule.kind !== undefined && says.kind !== undefined ? null : rule
}

function typeRules(input: string): Parsed<readonly TypeRule[]> {
  const rules = input.split(/\s+/).map(ruleOf)
  if (rules.every(rule => rule !== null)) return { value: rules }
  return {
    allowed: `rules parted by blanks, such as kind:IMAGE=max:20MB, account:acme+type:image/*=accept, type:image/svg+xml=refuse, type:model/obj=kind:DOCUMENT,extension:obj or *=max:1GB; kinds are ${Object.keys(MediaKind).join(', ')}; doors are ${Object.keys(MEDIA_DOORS).join(', ')}`,
  }
}

export const typeRulesConfig = {
  TYPE_RULES: {
    default: [] as readonly TypeRule[],
    defaultText: 'all types are taken, up to MAX_UPLOAD_BYTES',
    about:
      'Which types of files are taken, and how large, by what their bytes are: rules parted by blanks, of which the first that fits and speaks of it decides. Conditions, joined by `+`: `account:ID`, `kind:IMAGE`, `type:image/png`, `type:image/*`, `door:tus` (the doors of `RETENTION_RULES`), or `*` for everything. Behind `=`, joined by commas: `accept`, `refuse`, `max:20MB`, and `kind:DOCUMENT` or `extension:abc` for what a type is taken for and named by. As in `account:acme+kind:IMAGE=accept,max:20MB account:acme=refuse`.',
    parse: typeRules,
  },
} satisfies ConfigTable
