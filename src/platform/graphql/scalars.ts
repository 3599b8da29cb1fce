import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { GraphQLJSONObject } from 'graphql-scalars'
import { timeIn } from '../lib/rfc3339.ts'

function toDate(value: unknown): Date {
  const date = typeof value === 'string' ? timeIn(value) : undefined
  if (!date) {
    throw new GraphQLError(
      'A DateTime is written as in RFC 3339, with its offset: "2026-01-31T12:00:00.000Z".',
    )
  }
  return date
}

const literal = (node: ValueNode) => ('value' in node && node.kind === Kind.STRING ? node.value : undefined)

/** A point in time: out as UTC with milliseconds, in as RFC 3339 with any offset. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A point in time as in RFC 3339: given in UTC with milliseconds, taken with any offset.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  // What was read as text is written already.
  serialize: value => (typeof value === 'string' ? value : (value as Date).toISOString()),
  parseValue: toDate,
  parseLiteral: node => toDate(literal(node)),
})

function toInteger(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw new GraphQLError('A BigInt is a whole number between -(2^53 - 1) and 2^53 - 1.')
  }
  return number
}

/** Whole numbers beyond 32 bits: sizes in bytes. Out as a JSON number, in as a number or a text of digits. */
export const BigIntScalar = new GraphQLScalarType<number, number>({
  name: 'BigInt',
  description:
    'A whole number up to 2^53 - 1, such as a size in bytes. Given as a number; taken as a number or as digits.',
  serialize: toInteger,
  parseValue: toInteger,
  parseLiteral: node =>
    toInteger(node.kind === Kind.INT || node.kind === Kind.STRING ? String(node.value) : undefined),
})

/** A JSON object with any content. */
export const JSONObject = GraphQLJSONObject
