import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'

const known = new WeakMap<FieldNode, Map<string, ReadonlySet<string>>>()

/**
 * The columns that the selected fields of `typeName` need, wherever they stand below the field that is being resolved:
 * a field's own name, or what its `columns` extension says. A field with `@skip` counts as selected. The same set for the
 * same field of a document, each time that it is executed.
 */
export function selectedColumns(info: GraphQLResolveInfo, typeName: string): ReadonlySet<string> {
  const [node, ...merged] = info.fieldNodes
  // What is merged from several places depends on the operation, one place on nothing but itself.
  if (!node || merged.length > 0) return findColumns(info, typeName)
  const byType = known.get(node) ?? new Map<string, ReadonlySet<string>>()
  known.set(node, byType)
  const columns = byType.get(typeName) ?? findColumns(info, typeName)
  byType.set(typeName, columns)
  return columns
}

/** Whether one of these fields is selected right below the field that is being resolved. */
export function selects(info: GraphQLResolveInfo, names: readonly string[]): boolean {
  const within = (set: SelectionSetNode | undefined): boolean =>
    (set?.selections ?? []).some(selection => {
      if (selection.kind === Kind.FIELD) return names.includes(selection.name.value)
      const isInline = selection.kind === Kind.INLINE_FRAGMENT
      return within((isInline ? selection : info.fragments[selection.name.value])?.selectionSet)
    })
  return info.fieldNodes.some(node => within(node.selectionSet))
}

function findColumns(info: GraphQLResolveInfo, typeName: string): ReadonlySet<string> {
  const type = info.schema.getType(typeName)
  if (!isObjectType(type)) throw new Error(`${typeName} is no object type`)
  const columns = new Set<string>()
  for (const field of fieldsWithin(
    info.fieldNodes.map(node => node.selectionSet),
    info,
  )) {
    for (const column of columnsOf(type, field)) columns.add(column)
  }
  return columns
}

function columnsOf(type: GraphQLObjectType, field: FieldNode): readonly string[] {
  const definition = type.getFields()[field.name.value]
  if (!definition) return []
  const declared = definition.extensions.columns
  if (Array.isArray(declared)) return declared
  return isObjectType(getNamedType(definition.type)) ? [] : [definition.name]
}

/** Every field below the selection sets. Fields of other types by the same name only cost a column too many. */
function* fieldsWithin(
  sets: readonly (SelectionSetNode | undefined)[],
  info: GraphQLResolveInfo,
  seen = new Set<string>(),
): Generator<FieldNode> {
  for (const selection of sets.flatMap(set => set?.selections ?? [])) {
    if (selection.kind === Kind.FIELD) {
      yield selection
      yield* fieldsWithin([selection.selectionSet], info, seen)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      yield* fieldsWithin([selection.selectionSet], info, seen)
    } else if (!seen.has(selection.name.value)) {
      seen.add(selection.name.value)
      yield* fieldsWithin([info.fragments[selection.name.value]?.selectionSet], info, seen)
    }
  }
}
