import { FILTER_LIMITS } from '../../../../features/media/filter.limits.ts'
import { checkedText } from '../../../../features/media/media.fields.ts'
import type { MediaFilter } from '../../../../features/media/media.filter.ts'
import type { MediaOrder, MediaOrderKey, SortDirection } from '../../../../features/media/media.order.ts'
import type { MediaKind, MediaStatus } from '../../../../features/media/media-kind.ts'
import { commonErrors } from '../../../../platform/errors.ts'
import { isStorable } from '../../../../platform/lib/storable-text.ts'
import { type Given, givenIn, integer, search, time } from '../../forms/given.ts'
import { meanings, parts, texts } from '../../forms/given-lists.ts'
import { STATUSES, TYPES } from './item.ts'

/** `all`: of every user · a number: of that user · null: nothing is said. */
export type Whose = 'all' | number | null

export interface ListWish {
  readonly offset: number
  readonly limit: number
  readonly order: MediaOrder
  readonly filter: MediaFilter
  readonly whose: Whose
  /** Whether media of one group or conversation are asked for, whoever's they are. */
  readonly isShared: boolean
}

const DEFAULT_LIMIT = 10
const MOST = 100

/** Their words for ours. */
const inverse = <K extends string>(table: Readonly<Record<K, string>>): Record<string, K> =>
  Object.fromEntries((Object.entries(table) as [K, string][]).map(([ours, theirs]) => [theirs, ours]))

const STATUS_WORDS: Readonly<Record<string, MediaStatus>> = inverse(STATUSES)
const TYPE_WORDS: Readonly<Record<string, MediaKind>> = { ...inverse(TYPES), other: 'FILE' }
const ORDER_WORDS: Readonly<Record<string, MediaOrderKey>> = {
  date: 'CREATED_AT',
  created: 'CREATED_AT',
  modified: 'UPDATED_AT',
  id: 'NUMBER',
  title: 'TITLE',
  filename: 'ORIGINAL_FILE_NAME',
  filesize: 'SIZE',
}
const DIRECTION_WORDS: Readonly<Record<string, SortDirection>> = { asc: 'ASC', desc: 'DESC' }

/** What a list is asked for, by any of the names of its parameters; throws BAD_REQUEST and INVALID_INPUT for what cannot be. */
export function listWish(query: Given): ListWish {
  const conversationId = values(query, 'conversation_id', 'conversationId', 'conversation')
  const groupId = values(query, 'user_group_id', 'group_id', 'groupId', 'group')
  const kind = meant(query, TYPE_WORDS, 'media_type', 'mediaType', 'type')
  const sourceType = values(query, 'source_type', 'sourceType')?.map(each =>
    checkedText(each, 'source_type', 64),
  )
  const tag = values(query, 'tag', 'tag_id', 'tags')?.flatMap(each => [each, ...each.split(',')])
  const words = search(query, 'search')
  const [field = 'CREATED_AT'] = meant(query, ORDER_WORDS, 'orderby', 'orderBy') ?? []
  const [direction = 'DESC'] = meant(query, DIRECTION_WORDS, 'order') ?? []
  return {
    offset: count(query, 'offset') ?? 0,
    limit: Math.min(count(query, 'limit') || DEFAULT_LIMIT, MOST),
    order: { field, direction },
    whose: whose(query),
    isShared: conversationId !== undefined || groupId !== undefined,
    filter: {
      status: meant(query, STATUS_WORDS, 'status') ?? ['COMPLETED'],
      createdAt: { gt: time(query, 'since'), lt: time(query, 'until') },
      ...(kind && { kind }),
      ...(sourceType && { sourceType }),
      ...(conversationId && { conversationId }),
      ...(groupId && { groupId }),
      ...(tag && { tag: different(tag, 'tag') }),
      ...(words && { search: words }),
    },
  }
}

/** Where the list goes on; null on its last page. */
export const nextOffset = ({ offset, limit }: ListWish, total: number): number | null =>
  offset + limit < total ? offset + limit : null

/** Not below 0. */
function count(query: Given, name: string): number | null | undefined {
  const value = integer(query, name)
  if (value == null || value >= 0) return value
  throw commonErrors.BAD_REQUEST(`${name} is not below 0.`, { field: [name] })
}

/** A parameter without a value says nothing. */
function values(query: Given, ...names: string[]): string[] | undefined {
  const given = texts(query, ...names)?.filter(each => each !== '') ?? []
  return given.length > 0 ? different(given, names[0] ?? '') : undefined
}

/** Each once; BAD_REQUEST for more of them than one question takes, and for what nothing can be called. */
function different(values: readonly string[], name: string): string[] {
  const all = [...new Set(values)]
  if (all.length <= FILTER_LIMITS.list && all.every(isStorable)) return all
  throw commonErrors.BAD_REQUEST(`${name} is at most ${FILTER_LIMITS.list} texts, without U+0000.`, {
    field: [name],
  })
}

function meant<T>(query: Given, table: Readonly<Record<string, T>>, ...names: string[]): T[] | undefined {
  const given = parts(query, ...names) ?? []
  return given.length > 0 ? [...new Set(meanings(given, table, names[0] ?? ''))] : undefined
}

function whose(query: Given): Whose {
  const [given] = values(query, 'user_id', 'userId', 'user') ?? []
  if (given?.toLowerCase() === 'all') return 'all'
  return integer(givenIn({ user_id: given }), 'user_id') ?? null
}
