import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isObjectType,
} from 'graphql'

/**
 * How many items a list has; the names are those of the directive `@listSize` of the cost specification
 * (IBM, GraphQL Cost Directives; Apollo Federation 2.9), except `lengthOf`, which it has no word for.
 */
export interface ListSize {
  /** Items where nothing else says how many. */
  readonly assumedSize: number
  /** Arguments that say how many; the largest counts. */
  readonly slicingArguments?: readonly string[]
  /** Fields of the answer that have so many items, where the field is no list itself. */
  readonly sizedFields?: readonly string[]
  /** The argument, or the path below it, whose list has as many items. */
  readonly lengthOf?: readonly string[]
}

/** What one field costs: its weight, and all below it as often as its list is long. */
export interface FieldCost {
  readonly weight: number
  readonly listSize?: ListSize
}

/** A page without `first` and `last`, and the largest one. */
export interface PageSizes {
  readonly default: number
  readonly max: number
}

/** What costs otherwise than its form tells: `Type.field`. The federation's `@cost` and `@listSize` are printed from it. */
export const COSTS: Readonly<Record<string, Partial<FieldCost>>> = {
  // Bytes are synced and looked into.
  'Mutation.uploadMedia': { weight: 20 },
  'Mutation.uploadMediaBatch': { weight: 20 },
  'Mutation.replaceMediaContent': { weight: 20 },
  'Mutation.completeUpload': { weight: 20 },
}

/** A statement of its own, over more rows than the page has. */
const TOTAL_COUNT = 10
/** A transaction. */
const MUTATION = 10
/** A list of which nothing is known. */
const SHORT_LIST = 5
/** A list of introspection: the query that tools send costs some 6 000, so that it comes once in an operation. */
const INTROSPECTION_LIST = 7

/**
 * The cost of a field of a type: 1 for an object, 0 for a leaf, more for what takes statements of its own; connections by
 * `first` and `last`, batches by the length of what they are given.
 */
export function fieldCost(
  type: GraphQLNamedType,
  field: GraphQLField<unknown, unknown>,
  page: PageSizes,
): FieldCost {
  const listSize = sizeOf(field, page)
  return {
    weight: weightOf(type, field),
    ...(listSize ? { listSize } : {}),
    ...COSTS[`${type.name}.${field.name}`],
  }
}

function weightOf(type: GraphQLNamedType, field: GraphQLField<unknown, unknown>): number {
  if (type.name === 'Mutation') return MUTATION
  if (field.name === 'totalCount' && type.name.endsWith('Connection')) return TOTAL_COUNT
  return isCompositeType(getNamedType(field.type)) ? 1 : 0
}

function sizeOf(field: GraphQLField<unknown, unknown>, page: PageSizes): ListSize | undefined {
  const result = getNamedType(field.type)
  const isList = isListType(getNullableType(field.type))
  const slicing = ['first', 'last'].filter(name => field.args.some(argument => argument.name === name))
  if (slicing.length > 0) {
    const sizedFields = isList ? {} : { sizedFields: ['edges', 'nodes'] }
    return { assumedSize: page.default, slicingArguments: slicing, ...sizedFields }
  }
  const lengthOf = listArgument(field)
  if (isList && lengthOf) return { assumedSize: SHORT_LIST, lengthOf }
  if (lengthOf && isObjectType(result) && result.getFields().results)
    return { assumedSize: SHORT_LIST, lengthOf, sizedFields: ['results'] }
  if (!isList || !isCompositeType(result)) return undefined
  if (isIntrospectionType(result)) return { assumedSize: INTROSPECTION_LIST }
  // Errors that users can mend are few.
  return { assumedSize: field.name === 'userErrors' ? 1 : SHORT_LIST }
}

/** The one list that a field is given: `ids`, or `input.items`. */
function listArgument(field: GraphQLField<unknown, unknown>): readonly string[] | undefined {
  const isList = (type: GraphQLInputType) => isListType(getNullableType(type))
  for (const { name, type } of field.args) {
    if (isList(type)) return [name]
    const input = getNullableType(type)
    if (!isInputObjectType(input)) continue
    const list = Object.values(input.getFields()).find(
      inner => isList(inner.type) && ['items', 'ids', 'files'].includes(inner.name),
    )
    if (list) return [name, list.name]
  }
  return undefined
}
