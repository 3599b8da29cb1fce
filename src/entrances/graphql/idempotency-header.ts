import type { GraphQLRequestContext } from '@apollo/server'
import {
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { AppError } from '../../platform/errors.ts'
import { badHeader } from '../../platform/idempotency/idempotency.errors.ts'
import { keyOfHeader } from '../../platform/idempotency/idempotency-key.ts'
import type { IdempotencyContext } from '../../platform/idempotency/keyed-request.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) as the key of the one mutation of its request. What
 * takes no key is refused, so that nobody believes to be safe who is not; queries need none.
 */
export function readIdempotencyKey({
  request,
  operation,
  document,
  schema,
  contextValue,
}: GraphQLRequestContext<Writable<IdempotencyContext>>): void {
  const header = request.http?.headers.get('idempotency-key')
  if (header === undefined || !document || operation?.operation !== 'mutation') return
  const fragments = new Map(
    document.definitions.flatMap(part =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [],
    ),
  )
  try {
    demandOneKeyed(schema, rootFields(operation.selectionSet, fragments))
    contextValue.idempotencyKey = keyOfHeader(header)
  } catch (error) {
    throw error instanceof AppError ? asBadRequest(error) : error
  }
}

function demandOneKeyed(schema: GraphQLSchema, fields: readonly string[]): void {
  const [name, ...more] = fields
  if (name === undefined || more.length > 0)
    throw badHeader(`is for a request with one mutation; this one has ${fields.length}`)
  const input = schema.getMutationType()?.getFields()[name]?.args[0]?.type
  const type = input && getNamedType(input)
  if (isInputObjectType(type) && !('idempotencyKey' in type.getFields()))
    throw badHeader(`is for mutations that make something; ${name} takes no key`)
}

/** Fields of the root, those of fragments too, each as often as it stands there. Validation has refused cycles. */
function rootFields(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly string[] {
  return set.selections.flatMap(selection => {
    if (selection.kind === Kind.FIELD)
      return selection.name.value === '__typename' ? [] : selection.name.value
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
    return inner ? rootFields(inner.selectionSet, fragments) : []
  })
}

const asBadRequest = (error: AppError) =>
  new GraphQLError(error.publicMessage, {
    originalError: error,
    extensions: { http: { status: error.status } },
  })
