import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isInputObjectType,
  isInputType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql'

/** A scalar of the schema that takes any object as it is. */
const OPAQUE = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'JSONObject' } } as const

/** An operation that graphql-jit can compile, and how its variables are made ready for it. */
export interface Flattened {
  readonly document: DocumentNode
  /** Null when a variable is not what the operation says: then graphql-js shall say what is wrong. */
  prepare(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null
}

/**
 * graphql-jit writes the checks of an input type out field by field, without end where the type contains itself. Variables of
 * such types are declared opaque to it, and read by graphql-js instead.
 */
export function withoutRecursiveInputs(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Flattened {
  const all = operation.variableDefinitions ?? []
  const recursive = all.filter(({ type }) => {
    const input = typeFromAST(schema, type as never)
    return isInputType(input) && isRecursive(input)
  })
  if (recursive.length === 0) return { document, prepare: variables => variables }
  const variableDefinitions = all.map(variable =>
    recursive.includes(variable) ? opaque(variable) : variable,
  )
  const changed = { ...operation, variableDefinitions }
  return {
    document: {
      ...document,
      definitions: document.definitions.map(definition => (definition === operation ? changed : definition)),
    },
    prepare(variables) {
      const { coerced } = getVariableValues(schema, recursive, variables)
      if (!coerced) return null
      const others = { ...variables }
      for (const { variable } of recursive) delete others[variable.name.value]
      return { ...others, ...coerced }
    },
  }
}

/** Without a default: what is prepared has it already. */
const opaque = (variable: VariableDefinitionNode): VariableDefinitionNode => ({
  ...variable,
  type: opaqueType(variable.type),
  defaultValue: undefined,
})

function opaqueType(type: VariableDefinitionNode['type']): VariableDefinitionNode['type'] {
  if (type.kind === Kind.NAMED_TYPE) return OPAQUE
  return { ...type, type: opaqueType(type.type) } as VariableDefinitionNode['type']
}

function isRecursive(input: GraphQLInputType, path: readonly string[] = []): boolean {
  const type = getNamedType(input)
  if (!isInputObjectType(type)) return false
  if (path.includes(type.name)) return true
  return Object.values(type.getFields()).some(field => isRecursive(field.type, [...path, type.name]))
}
