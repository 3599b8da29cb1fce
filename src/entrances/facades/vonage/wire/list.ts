import type { MediaFilter, TimeRange } from '../../../../features/media/media.filter.ts'
import type { MediaOrder } from '../../../../features/media/media.order.ts'
import { commonErrors } from '../../../../platform/errors.ts'
import { flag, type Given, integer, text, time } from '../../forms/given.ts'

export const LIST_PATH = '/v3/media'
export const DEFAULT_SIZE = 20
/** More than these on one page are these; its documentation names no limit. */
export const MOST = 1000

const WEEK_MS = 7 * 24 * 3600 * 1000

const ORDERS = {
  ascending: { field: 'CREATED_AT', direction: 'ASC' },
  descending: { field: 'CREATED_AT', direction: 'DESC' },
} as const satisfies Record<string, MediaOrder>
export type Order = keyof typeof ORDERS
export const ORDER_WORDS = Object.keys(ORDERS) as Order[]

export interface ListWish {
  readonly index: number
  readonly size: number
  readonly order: MediaOrder
  readonly filter: MediaFilter
  /** What its links carry beside size, account and index. */
  readonly said: Readonly<Record<string, string>>
}

/** What a list is asked for; throws BAD_REQUEST for what is no number, time, order or flag. Other names say nothing. */
export function listWish(query: Given, now: Date): ListWish {
  const index = atLeast(0, 'page_index', integer(query, 'page_index') ?? 0)
  const size = atLeast(1, 'page_size', integer(query, 'page_size') ?? DEFAULT_SIZE)
  const order = orderIn(query)
  const start = time(query, 'start_time')
  const end = time(query, 'end_time')
  const isPublic = flag(query, 'public')
  return {
    index,
    size: Math.min(size, MOST),
    order: ORDERS[order],
    filter: { createdAt: span({ start, end }, now), ...(isPublic == null ? {} : { public: isPublic }) },
    said: {
      order,
      ...(start ? { start_time: start.toISOString() } : {}),
      ...(end ? { end_time: end.toISOString() } : {}),
      ...(isPublic == null ? {} : { public: String(isPublic) }),
    },
  }
}

function atLeast(least: number, name: string, value: number): number {
  if (value >= least) return value
  throw commonErrors.BAD_REQUEST(`${name} is ${least} or more.`, { field: [name] })
}

function orderIn(query: Given): Order {
  const order = text(query, 'order') || 'descending'
  const known = ORDER_WORDS.find(word => word === order)
  if (known) return known
  throw commonErrors.BAD_REQUEST(`order is ${ORDER_WORDS.join(' or ')}.`, { field: ['order'] })
}

/** Both ends count. An item shows the millisecond in which it was made, so that the end holds all of its own. */
function span(
  { start, end }: { readonly start?: Date | null; readonly end?: Date | null },
  now: Date,
): TimeRange {
  if (!start && !end) return { gte: new Date(now.getTime() - WEEK_MS) }
  return { gte: start, lt: end && new Date(end.getTime() + 1) }
}

export interface Page {
  readonly items: readonly object[]
  /** Of all pages. */
  readonly total: number
  readonly accountId: string
  /** Path ahead of that of the API, without a slash at its end. */
  readonly prefix: string
}

/** A page with its links (draft-kelly-json-hal). There is a `next` where there is more, and nowhere else: clients read on while there is one. */
export function pageOf({ index, size, said }: ListWish, { items, total, accountId, prefix }: Page): object {
  const last = Math.max(0, Math.ceil(total / size) - 1)
  const link = (to: number) => {
    const { order = '', ...rest } = said
    const at: Record<string, string> = to > 0 ? { page_index: String(to) } : {}
    const query = { page_size: String(size), account_id: accountId, order, ...at, ...rest }
    return { href: `${prefix}${LIST_PATH}?${new URLSearchParams(query)}` }
  }
  return {
    page_size: size,
    page_index: index,
    _links: {
      self: link(index),
      first: link(0),
      last: link(last),
      ...(index < last ? { next: link(index + 1) } : {}),
      ...(index > 0 ? { prev: link(Math.min(index - 1, last)) } : {}),
    },
    count: total,
    _embedded: { media: items },
  }
}
