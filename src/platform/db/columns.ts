import type { ColumnOptions, ValueTransformer } from 'typeorm'

/** A bigint column as a number: sizes and counts stay far below 2⁵³, and node-postgres would give a text. */
export const safeInteger: ValueTransformer = {
  from: (value: string | null) => (value === null ? null : Number(value)),
  to: (value: number | null | undefined) => value,
}

/** A time with the milliseconds that a JavaScript Date has: a cursor made from a Date loses no row. */
export const time = { type: 'timestamptz', precision: 3 } as const satisfies ColumnOptions
export const optionalTime = { ...time, nullable: true } as const satisfies ColumnOptions
