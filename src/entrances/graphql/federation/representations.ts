import { GraphQLID } from 'graphql'
import type { AppError } from '../../../platform/errors.ts'
import { commonErrors } from '../../../platform/errors.ts'
import { ENTITY_TYPES, type EntityName, isEntityName } from './entity-types.ts'

/** References of one `_entities`: what a page of 100 refers to, ten times over. A router cannot ask for them in parts. */
export const MAX_REPRESENTATIONS = 1_000

export interface Reference {
  readonly typeName: EntityName
  readonly id: string
}

/**
 * What representations refer to, in their order; throws BAD_REQUEST that names the one at fault. Fields beside `__typename`
 * and `id` are left unread: a router may send what no key of ours names.
 */
export function readRepresentations(representations: readonly unknown[]): Reference[] {
  if (representations.length > MAX_REPRESENTATIONS) {
    throw commonErrors.BAD_REQUEST(`_entities takes at most ${MAX_REPRESENTATIONS} representations.`, {
      field: ['representations'],
      details: { limit: MAX_REPRESENTATIONS, actual: representations.length },
    })
  }
  return representations.map(readRepresentation)
}

function readRepresentation(representation: unknown, index: number): Reference {
  const bad = (message: string, ...field: string[]): AppError =>
    commonErrors.BAD_REQUEST(message, { field: ['representations', String(index), ...field] })
  if (typeof representation !== 'object' || representation === null || Array.isArray(representation))
    throw bad('A representation is an object with __typename and the fields of a key.')
  const { __typename: typeName, id } = representation as { __typename?: unknown; id?: unknown }
  if (!isEntityName(typeName)) {
    throw bad(
      `This subgraph resolves references to ${Object.keys(ENTITY_TYPES).join(', ')}; __typename must name one of them.`,
      '__typename',
    )
  }
  try {
    return { typeName, id: GraphQLID.parseValue(id) }
  } catch {
    throw bad(`A reference to ${typeName} carries its id.`, 'id')
  }
}
