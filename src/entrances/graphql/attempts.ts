import { type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql'
import { actorOf } from '../../features/access/actor-of.ts'
import { actingAs } from '../../platform/audit/actor.ts'
import { attempting, type OnRefused, subjectOf } from '../../platform/audit/attempt.ts'
import { AppError, commonErrors } from '../../platform/errors.ts'
import type { GraphQLContext } from './apollo.ts'

type RootField = GraphQLField<unknown, GraphQLContext>

/**
 * Has what a query or a mutation does be done in the name of who asks, and what is refused be told: what is thrown, what comes
 * back as a user error, and what by its id is not there for who asks.
 */
export function watchAttempts(schema: GraphQLSchema, onRefused: OnRefused): void {
  for (const type of [schema.getQueryType(), schema.getMutationType()])
    if (isObjectType(type)) for (const field of Object.values(type.getFields())) watch(field, onRefused)
}

function watch(field: RootField, onRefused: OnRefused): void {
  const { name: action, resolve } = field
  if (!resolve) return
  field.resolve = (...asked) => {
    const [, args, { viewer }] = asked
    const actor = actorOf(viewer)
    const subjectId = subjectIn(args)
    const refused = (error: AppError) => onRefused({ actor, action, subjectId, error })
    return actingAs(actor, () =>
      attempting(refused, async () => {
        try {
          const result = await resolve(...asked)
          if (result == null && subjectId !== null) refused(notThere())
          return result
        } catch (error) {
          if (error instanceof AppError) refused(error)
          throw error
        }
      }),
    )
  }
}

/** What `null` says, in words that are never read. */
const notThere = () => commonErrors.NOT_FOUND('There is nothing of this id that you may see.')

const ID_FIELDS = ['id', 'mediaId', 'collectionId', 'keyId'] as const

function subjectIn(args: Readonly<Record<string, unknown>>): string | null {
  const input = (args.input ?? args) as Readonly<Record<string, unknown>>
  for (const name of ID_FIELDS) {
    const id = subjectOf(input[name])
    if (id !== null) return id
  }
  return null
}
