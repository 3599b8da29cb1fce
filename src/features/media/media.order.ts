import type { KeysetOrder, SortKey } from '../../platform/db/keyset.ts'

export const MediaOrderField = {
  CREATED_AT: 'CREATED_AT',
  UPDATED_AT: 'UPDATED_AT',
  NAME: 'NAME',
  ORIGINAL_FILE_NAME: 'ORIGINAL_FILE_NAME',
  TITLE: 'TITLE',
  SIZE: 'SIZE',
} as const
export type MediaOrderField = keyof typeof MediaOrderField

/** What media are ordered by at all: their integer ids are known to other systems alone. */
export type MediaOrderKey = MediaOrderField | 'NUMBER'

export const SortDirection = { ASC: 'ASC', DESC: 'DESC' } as const
export type SortDirection = keyof typeof SortDirection

const id: SortKey = { sql: 'm.id', type: 'uuid', column: 'id' }

/** The expressions are those of the indexes `media_by_…`: with others the database would sort instead of reading along one. */
const ORDERS = {
  CREATED_AT: [{ sql: 'm.created_at', type: 'timestamptz', column: 'createdAt' }, id],
  UPDATED_AT: [{ sql: 'm.updated_at', type: 'timestamptz', column: 'updatedAt' }, id],
  NAME: [
    { sql: '(m.name IS NULL)', type: 'boolean' },
    { sql: `coalesce(m.name, '') COLLATE "C"`, type: 'text' },
    id,
  ],
  ORIGINAL_FILE_NAME: [{ sql: 'm.original_file_name COLLATE "C"', type: 'text' }, id],
  // An index holds no key of 1 000 characters.
  TITLE: [
    { sql: '(m.title IS NULL)', type: 'boolean' },
    { sql: `left(coalesce(m.title, ''), 200) COLLATE "C"`, type: 'text' },
    id,
  ],
  SIZE: [{ sql: 'coalesce(m.size, -1)', type: 'bigint' }, id],
  NUMBER: [{ sql: 'm.number', type: 'bigint', column: 'number' }],
} as const satisfies Record<MediaOrderKey, readonly SortKey[]>

export interface MediaOrder {
  readonly field: MediaOrderKey
  readonly direction: SortDirection
}

export const NEWEST_FIRST: MediaOrder = { field: 'CREATED_AT', direction: 'DESC' }

export function keysetOrder({ field, direction }: MediaOrder): KeysetOrder {
  return { name: `${field}:${direction}`, keys: ORDERS[field], descending: direction === 'DESC' }
}
