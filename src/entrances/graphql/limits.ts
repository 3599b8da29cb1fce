import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/** Bounds of one operation. Nothing is exempt by its name, introspection neither: its standard query fits. */
export const LIMITS = {
  /** Names, braces and literals of the whole document; checked while it is parsed. */
  tokens: 2_000,
  /** Fields below each other. */
  depth: 17,
  /** Aliases, fragments counted as often as they are spread. */
  aliases: 50,
  /** Fields of the root type. */
  rootFields: 20,
  /** All fields, fragments counted as often as they are spread. */
  fields: 1_000,
} as const

interface Measure {
  depth: number
  aliases: number
  fields: number
  rootFields: number
}

/** Validation rule: refuses an operation that is larger than the limits, before anything of it is executed. */
export function limitsRule(context: ValidationContext): ASTVisitor {
  const known = new Map<string, Measure>()

  function measureFragment(name: string, path: ReadonlySet<string>): Measure {
    const fragment: FragmentDefinitionNode | null | undefined = context.getFragment(name)
    // A cycle has no size; the rule against cycles reports it.
    if (!fragment || path.has(name)) return { depth: 0, aliases: 0, fields: 0, rootFields: 0 }
    const measured = known.get(name) ?? measure(fragment.selectionSet, new Set([...path, name]))
    known.set(name, measured)
    return measured
  }

  function measure(set: SelectionSetNode | undefined, path: ReadonlySet<string>): Measure {
    const total: Measure = { depth: 0, aliases: 0, fields: 0, rootFields: 0 }
    for (const selection of set?.selections ?? []) {
      const isField = selection.kind === Kind.FIELD
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value, path)
          : measure(selection.selectionSet, path)
      total.depth = Math.max(total.depth, inner.depth + (isField ? 1 : 0))
      total.aliases += inner.aliases + (isField && selection.alias ? 1 : 0)
      total.fields += inner.fields + (isField ? 1 : 0)
      total.rootFields += isField ? 1 : inner.rootFields
    }
    return total
  }

  return {
    OperationDefinition(node: OperationDefinitionNode) {
      const measured = measure(node.selectionSet, new Set())
      for (const key of ['depth', 'aliases', 'fields', 'rootFields'] as const) {
        if (measured[key] <= LIMITS[key]) continue
        const message = `The operation has ${key} ${measured[key]}; the limit is ${LIMITS[key]}.`
        context.reportError(
          new GraphQLError(message, { nodes: node, extensions: { code: 'OPERATION_TOO_LARGE' } }),
        )
      }
    },
  }
}
