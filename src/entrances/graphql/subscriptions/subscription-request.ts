import { type DocumentNode, GraphQLError, getOperationAST, parse } from 'graphql'
import { AppError, commonErrors } from '../../../platform/errors.ts'
import type { DocumentRequest, Documents } from '../documents.ts'
import { thrown } from '../graphql-errors.ts'
import { LIMITS } from '../limits.ts'
import { checkOperation, type OperationCheck } from '../operation-check.ts'
import { onlySubscriptions } from './subscription.errors.ts'

/** A request as it came, of whatever types. */
export interface SubscriptionParams extends DocumentRequest {
  readonly operationName?: unknown
  readonly variables?: unknown
}

export interface SubscriptionRules {
  readonly check: OperationCheck
  readonly documents: Pick<Documents, 'resolve'>
}

export interface ReadSubscription {
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variableValues: Record<string, unknown> | undefined
}

/** Finds the document, parses and checks it by the rules of queries; throws an AppError, or GraphQLErrors with a code. */
export function readSubscription(
  params: SubscriptionParams,
  { check, documents }: SubscriptionRules,
): ReadSubscription {
  const operationName = params.operationName ?? undefined
  const variables = params.variables ?? undefined
  if (operationName !== undefined && typeof operationName !== 'string')
    throw commonErrors.BAD_REQUEST('"operationName" must be a text.')
  if (variables !== undefined && (typeof variables !== 'object' || Array.isArray(variables)))
    throw commonErrors.BAD_REQUEST('"variables" must be an object.')
  const { query } = documents.resolve(params)
  if (query === undefined) throw commonErrors.BAD_REQUEST('"query" must be the text of a subscription.')
  const variableValues = variables as Record<string, unknown> | undefined
  const document = parsed(query)
  const errors = checkOperation(check, document, { query, operationName, variables: variableValues })
  if (errors.length > 0)
    throw new InvalidRequest(
      errors.map(error =>
        thrown(error) instanceof AppError ? error : coded(error, 'GRAPHQL_VALIDATION_FAILED'),
      ),
    )
  const operation = getOperationAST(document, operationName)
  if (!operation) throw commonErrors.BAD_REQUEST('"operationName" must name one operation of the document.')
  if (operation.operation !== 'subscription') throw onlySubscriptions()
  return { document, operationName, variableValues }
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
