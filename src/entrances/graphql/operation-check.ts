import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
} from 'graphql'
import type { OperationCosts } from './cost.ts'
import { LIMITS, limitsRule, tooLarge } from './limits.ts'
import { type OperationRequest, requestTooLarge } from './request-limits.ts'

export interface OperationCheck {
  readonly schema: GraphQLSchema
  readonly costs: OperationCosts
  readonly introspection: boolean
}

/**
 * All that Apollo Server and its plugins check of an operation before it is executed, for doors that Apollo does not serve:
 * the size of the request, the document's and the schema's rules, and the cost. Empty when it may be executed. Parse with
 * `maxTokens: LIMITS.tokens`, and give a freshly parsed document: one that is refused is emptied.
 */
export function checkOperation(
  { schema, costs, introspection }: OperationCheck,
  document: DocumentNode,
  request: OperationRequest,
): readonly GraphQLError[] {
  const large = requestTooLarge(request)
  if (large) return [large]
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]
  const errors = validate(schema, document, [...rules, limitsRule])
  if (errors.length > 0) return errors
  const operation = getOperationAST(document, request.operationName)
  // Which operation is meant is for the executor to ask.
  const cost = operation ? costs.of(document, operation, request.variables ?? undefined) : 0
  return cost > LIMITS.cost ? [tooLarge('cost', cost)] : []
}
