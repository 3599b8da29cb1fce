import { Field, ObjectType } from 'type-graphql'
import { asUserError, UserError } from './user-error.ts'

/** What every mutation's payload has, next to its result. */
@ObjectType()
export abstract class Payload {
  @Field(() => [UserError], { description: 'What the user can mend; empty when the mutation did its work.' })
  userErrors: UserError[]
  @Field(() => String, { nullable: true, description: 'The text that the input carried, given back.' })
  clientMutationId: string | null
}

/**
 * Runs a mutation's work: its result with no errors, unless it names some itself; or no result with the user's errors.
 */
export async function payload<R extends object>(
  input: { readonly clientMutationId?: string | null },
  empty: R,
  work: () => Promise<R & { readonly userErrors?: UserError[] }>,
): Promise<R & Payload> {
  const clientMutationId = input.clientMutationId ?? null
  try {
    return { userErrors: [], ...(await work()), clientMutationId }
  } catch (error) {
    return { ...empty, userErrors: [asUserError(error)], clientMutationId }
  }
}
