import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { commonErrors } from '../../../platform/errors.ts'
import { LIMITS, limitsRule } from '../limits.ts'
import { onlySubscriptions } from './subscription.errors.ts'

/** A request as it came, of whatever types. */
export interface SubscriptionParams {
  readonly query?: unknown
  readonly operationName?: unknown
  readonly variables?: unknown
}

export interface ReadSubscription {
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variableValues: Record<string, unknown> | undefined
}

/** Parses and validates by the rules of queries; throws an AppError, or GraphQLErrors with a code. */
export function readSubscription(
  { query, operationName, variables }: SubscriptionParams,
  { schema, introspection }: { schema: GraphQLSchema; introspection: boolean },
): ReadSubscription {
  if (typeof query !== 'string') throw commonErrors.BAD_REQUEST('"query" must be the text of a subscription.')
  if (operationName != null && typeof operationName !== 'string')
    throw commonErrors.BAD_REQUEST('"operationName" must be a text.')
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables)))
    throw commonErrors.BAD_REQUEST('"variables" must be an object.')
  const document = parsed(query)
  const rules = [...specifiedRules, limitsRule, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])]
  const invalid = validate(schema, document, rules, { maxErrors: 10 })
  if (invalid.length > 0)
    throw new InvalidRequest(invalid.map(error => coded(error, 'GRAPHQL_VALIDATION_FAILED')))
  const operation = getOperationAST(document, operationName)
  if (!operation) throw commonErrors.BAD_REQUEST('"operationName" must name one operation of the document.')
  if (operation.operation !== 'subscription') throw onlySubscriptions()
  return {
    document,
    operationName: operationName ?? undefined,
    variableValues: (variables as Record<string, unknown> | null) ?? undefined,
  }
}

/** What graphql-js says of a request. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
  constructor(readonly errors: readonly GraphQLError[]) {
    super('the request is not valid')
  }
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: LIMITS.tokens })
  } catch (error) {
    throw new InvalidRequest([coded(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')])
  }
}

/** The error with a code, unless it has one. */
export const coded = ({ message, nodes, source, positions, path, extensions }: GraphQLError, code: string) =>
  new GraphQLError(message, { nodes, source, positions, path, extensions: { code, ...extensions } })
