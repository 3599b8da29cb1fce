import { Field, ID, ObjectType } from 'type-graphql'

/**
 * An owner as the API shows it. In a federated graph it is the users of another subgraph: the same ids, and there the rest of
 * what is known of them.
 */
@ObjectType('User', {
  simpleResolvers: true,
  description: 'A person or system that media belong to; the account itself manages them.',
})
export class UserType {
  @Field(() => ID, { description: "The owner's id in the system that the account belongs to." }) id: string
  @Field(() => String, { description: 'Display name.' }) name: string
}
