import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { PageArguments } from '../../platform/db/keyset.ts'
import { connectionOf } from '../../platform/graphql/connection.ts'
import { NodeInterface } from '../../platform/graphql/node.ts'
import { Payload } from '../../platform/graphql/payload.ts'
import { DateTime } from '../../platform/graphql/scalars.ts'
import type { CollectionFields } from './collection.service.ts'
import { type Addition, MOST_AT_ONCE, type Removal } from './collection-contents.ts'

const maybe = (description: string) => ({ nullable: true, description })
const CLIENT_MUTATION_ID = 'Any text; the payload gives it back.'

@ObjectType('Collection', {
  simpleResolvers: true,
  implements: NodeInterface,
  description: 'A named, ordered selection of media. A media may be in any number of them.',
})
export class CollectionType extends NodeInterface {
  @Field(() => String, { description: 'Its name; several may have the same.' }) name: string
  @Field(() => String, maybe('Description for people.')) description: string | null
  @Field(() => DateTime, { description: 'When it was made.' }) createdAt: Date
  @Field(() => DateTime, { description: 'When it, or what is in it, was changed last.' }) updatedAt: Date
}

export const { ConnectionType: CollectionConnection, ConnectionResolver: CollectionConnectionResolver } =
  connectionOf('Collection', CollectionType)

@ArgsType()
export class CollectionPageArgs implements PageArguments {
  @Field(() => Int, maybe('How many from the start, or after a cursor: 0 to 100.')) first?: number | null
  @Field(() => String, maybe('Cursor of this list: go on behind it.')) after?: string | null
  @Field(() => Int, maybe('How many from the end, or before a cursor: 0 to 100.')) last?: number | null
  @Field(() => String, maybe('Cursor of this list: stop ahead of it.')) before?: string | null
}

@InputType('CreateCollectionInput', { description: 'What to call a new collection.' })
export class CreateCollectionInput implements CollectionFields {
  @Field(() => String, { description: 'Its name; 1 to 200 characters.' }) name: string
  @Field(() => String, maybe('Description for people; at most 10 000 characters.')) description?:
    | string
    | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('UpdateCollectionInput', {
  description: 'What to change. An absent field stays as it is; null clears it.',
})
export class UpdateCollectionInput implements CollectionFields {
  @Field(() => ID, { description: 'The collection.' }) id: string
  @Field(() => String, maybe('Its name; 1 to 200 characters.')) name?: string | null
  @Field(() => String, maybe('Description for people; at most 10 000 characters.')) description?:
    | string
    | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('DeleteCollectionInput', { description: 'Which collection to delete.' })
export class DeleteCollectionInput {
  @Field(() => ID, { description: 'The collection.' }) id: string
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('AddToCollectionInput', { description: 'What to add to a collection, and where.' })
export class AddToCollectionInput implements Addition {
  @Field(() => ID, { description: 'The collection.' }) collectionId: string
  @Field(() => [ID], { description: `The media in their new order; at most ${MOST_AT_ONCE}.` })
  mediaIds: string[]
  @Field(() => ID, maybe('Put them ahead of this media of the collection.')) before?: string | null
  @Field(
    () => ID,
    maybe('Put them behind this media of the collection. Without before and after: at the end.'),
  )
  after?: string | null
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

@InputType('RemoveFromCollectionInput', { description: 'What to take out of a collection.' })
export class RemoveFromCollectionInput implements Removal {
  @Field(() => ID, { description: 'The collection.' }) collectionId: string
  @Field(() => [ID], {
    description: `The media; at most ${MOST_AT_ONCE}. One that is not in it is no error.`,
  })
  mediaIds: string[]
  @Field(() => String, maybe(CLIENT_MUTATION_ID)) clientMutationId?: string | null
}

const COLLECTION = maybe('The collection as it is now.')

@ObjectType('CreateCollectionPayload', { description: 'What became of the new collection.' })
export class CreateCollectionPayload extends Payload {
  @Field(() => CollectionType, COLLECTION) collection: CollectionType | null
}

@ObjectType('UpdateCollectionPayload', { description: 'What became of the change.' })
export class UpdateCollectionPayload extends Payload {
  @Field(() => CollectionType, COLLECTION) collection: CollectionType | null
}

@ObjectType('DeleteCollectionPayload', { description: 'What became of the deletion.' })
export class DeleteCollectionPayload extends Payload {
  @Field(() => ID, maybe('Id of the collection that is no more; the media that were in it are still there.'))
  deletedCollectionId: string | null
}

@ObjectType('AddToCollectionPayload', { description: 'What became of the addition: all of it, or none.' })
export class AddToCollectionPayload extends Payload {
  @Field(() => CollectionType, COLLECTION) collection: CollectionType | null
}

@ObjectType('RemoveFromCollectionPayload', { description: 'What became of the removal.' })
export class RemoveFromCollectionPayload extends Payload {
  @Field(() => CollectionType, COLLECTION) collection: CollectionType | null
  @Field(() => [ID], { description: 'Those of the media that were in it.' }) removedMediaIds: string[]
}
